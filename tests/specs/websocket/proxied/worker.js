import { checks, equal } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

const inside = checks({
  "through two hops": async (request) => {
    const response = await fetch(new URL("/proxy", request.url), { headers: { Upgrade: "websocket" } });
    const socket = response.webSocket;
    socket.accept();
    const message = once(socket, "message");
    socket.send("ahoy");
    equal((await message).data, "echo: ahoy");
    const closed = once(socket, "close");
    socket.close(4003, "enough");
    equal((await closed).code, 4003);
  },
});

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/echo": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send(`echo: ${event.data}`));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/proxy":
        return fetch(new URL("/echo", request.url), request);
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
