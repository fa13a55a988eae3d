import { checks, equal } from "../../check.js";

const inside = checks({
  "what the far end says first, and its end": async (request) => {
    const response = await fetch(new URL("/proxy", request.url), { headers: { Upgrade: "websocket" } });
    const socket = response.webSocket;
    const came = [];
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", ({ data }) => came.push(data));
    await scheduler.wait(100);
    socket.accept();
    socket.send("over");
    const { code, reason } = await closed;
    equal([code, reason], [4003, "out"]);
    equal(came, ["early", "echo: over"]);
  },
  "a handshake that is refused is an answer like others": async (request) => {
    const response = await fetch(new URL("/refuse", request.url), { headers: { Upgrade: "websocket" } });
    equal([response.status, response.webSocket, await response.text()], [403, null, "no"]);
  },
});

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/echo": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.send("early");
        server.addEventListener("message", (event) => {
          server.send(`echo: ${event.data}`);
          server.close(4003, "out");
        });
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/proxy": {
        const response = await fetch(new URL("/echo", request.url), request);
        await scheduler.wait(50);
        return response;
      }
      case "/refuse":
        return new Response("no", { status: 403 });
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
