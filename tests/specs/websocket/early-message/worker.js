import { checks, equal } from "../../check.js";

const first = (socket) =>
  new Promise((resolve) => {
    const patience = setTimeout(resolve, 200, "lost");
    socket.addEventListener("message", (event) => {
      clearTimeout(patience);
      resolve(event.data);
    }, { once: true });
  });

async function talk(request, delay) {
  const { webSocket } = await fetch(new URL("/greet", request.url), { headers: { Upgrade: "websocket" } });
  if (delay !== undefined) {
    await scheduler.wait(delay);
  }
  webSocket.accept();
  const message = await first(webSocket);
  webSocket.close();
  return message;
}

const all = (request, delay) => Promise.all(Array.from({ length: 20 }, () => talk(request, delay)));

const inside = checks({
  "accepted at once": async (request) => equal([...new Set(await all(request))], ["welcome"]),
  "accepted later": async (request) => equal([...new Set(await all(request, 5))], ["welcome"]),
  "new WebSocket": async (request) => {
    const socket = new WebSocket(new URL("/greet", request.url));
    equal(await first(socket), "welcome");
    socket.close();
  },
});

export default {
  async fetch(request, env, ctx) {
    if (request.url.endsWith("/greet")) {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.send("welcome");
      return new Response(null, { status: 101, webSocket: client });
    }
    return inside.fetch(request, env, ctx);
  },
};
