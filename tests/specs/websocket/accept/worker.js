import { checks, equal, throws } from "../../check.js";

const inside = checks({
  "send before accept": async () => {
    const [a] = Object.values(new WebSocketPair());
    await throws(() => a.send("x"), "TypeError");
    a.accept();
    a.accept();
    a.send("x");
    a.close();
  },
  "an accepted end in a response": async (request) => {
    const response = await fetch(new URL("/accepted", request.url), { headers: { Upgrade: "websocket" } });
    equal(response.status, 500);
    equal((await response.text()).includes("accept"), true);
  },
  "the other end of one in a response": async () => {
    const [client, server] = Object.values(new WebSocketPair());
    new Response(null, { status: 101, webSocket: client });
    server.accept();
    server.close();
  },
});

export default {
  async fetch(request, env, ctx) {
    if (request.url.endsWith("/accepted")) {
      const [client] = Object.values(new WebSocketPair());
      client.accept();
      return new Response(null, { status: 101, webSocket: client });
    }
    return inside.fetch(request, env, ctx);
  },
};
