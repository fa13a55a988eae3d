import { checks, equal, throws } from "../../check.js";

export default checks({
  "without a socket it throws RangeError": () => throws(() => new Response(null, { status: 101 }), "RangeError"),
  "with one it does not": () => {
    const { 0: client } = new WebSocketPair();
    const response = new Response(null, { status: 101, webSocket: client });
    equal([response.status, response.webSocket === client], [101, true]);
  },
  "a socket needs it": () => throws(() => new Response(null, { status: 200, webSocket: new WebSocketPair()[0] })),
});
