import { checks, equal } from "../../check.js";

const inside = checks({
  "attributes": async (request) => {
    const socket = new WebSocket(new URL("/echo", request.url));
    equal([socket.onopen, socket.onmessage, socket.onclose, socket.onerror], [null, null, null, null]);
    const seen = [];
    socket.onmessage = () => seen.push("replaced");
    socket.addEventListener("message", () => seen.push("listener"));
    await new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error("nothing came")), 1000);
      socket.onopen = function (event) {
        seen.push(this === socket && event.type);
        socket.send("x");
      };
      socket.onmessage = (event) => {
        seen.push(event.data);
        socket.close(1000);
      };
      socket.onclose = (event) => {
        seen.push(event.code);
        clearTimeout(patience);
        resolve();
      };
    });
    equal(seen, ["open", "x", "listener", 1000]);
  },
  "onerror": async (request) => {
    const socket = new WebSocket(new URL("/plain", request.url));
    const type = await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("nothing came")), 1000);
      socket.onerror = (event) => resolve(event.type);
    });
    equal(type, "error");
  },
  "not a function": () => {
    const [a] = Object.values(new WebSocketPair());
    a.onmessage = "a string";
    equal(a.onmessage, null);
  },
});

export default {
  fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/echo": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send(event.data));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/plain":
        return new Response("plain");
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
