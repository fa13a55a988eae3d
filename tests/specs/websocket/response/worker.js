import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "status": async () => {
    const [client] = Object.values(new WebSocketPair());
    await throws(() => new Response(null, { webSocket: client }));
    await throws(() => new Response(null, { status: 204, webSocket: client }));
    await throws(() => new Response(null, { status: 101 }), "RangeError");
  },
  "webSocket": () => {
    const [client] = Object.values(new WebSocketPair());
    const response = new Response(null, { status: 101, webSocket: client });
    equal(response.status, 101);
    assert(response.webSocket === client, "another socket");
    equal(new Response("x").webSocket, null);
  },
  "clone": async () => {
    const [client] = Object.values(new WebSocketPair());
    await throws(() => new Response(null, { status: 101, webSocket: client }).clone(), "TypeError");
  },
});
