import { checks, equal, throws } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

const inside = checks({
  "chosen": async (request) => {
    const socket = new WebSocket(new URL("/chat", request.url), ["v1.tide", "v2.tide"]);
    equal(socket.protocol, "");
    socket.addEventListener("error", (event) => console.log(event.message));
    await once(socket, "open");
    equal(socket.protocol, "v2.tide");
    const message = once(socket, "message");
    socket.send("?");
    equal((await message).data, "v1.tide, v2.tide");
    socket.close();
  },
  "one that was not asked for fails": async (request) => {
    const socket = new WebSocket(new URL("/other", request.url), "v1.tide");
    equal((await once(socket, "close")).code, 1006);
  },
  "bad lists": async () => {
    for (const protocols of ["", "two words", ["a", "a"], ["a", ""], "a,b"]) {
      await throws(() => new WebSocket("ws://example.com/", protocols), "SyntaxError");
    }
  },
});

function chat(request, protocol) {
  const asked = request.headers.get("sec-websocket-protocol");
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", () => server.send(asked));
  return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": protocol } });
}

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/chat":
        return chat(request, "v2.tide");
      case "/other":
        return chat(request, "v9.other");
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
