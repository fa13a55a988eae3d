import { assert, checks, equal } from "../../check.js";

async function fails(url) {
  const socket = new WebSocket(url);
  const seen = [];
  for (const type of ["open", "error", "message"]) {
    socket.addEventListener(type, () => seen.push(type));
  }
  const event = await new Promise((resolve) => socket.addEventListener("close", resolve));
  assert(event instanceof CloseEvent);
  equal([event.code, event.reason, event.wasClean], [1006, "", false]);
  equal(seen, ["error"]);
  equal(socket.readyState, WebSocket.CLOSED);
}

const inside = checks({
  "no upgrade": (request) => fails(new URL("/plain", request.url).href),
  "an error page": (request) => fails(new URL("/fail", request.url).href),
  "nobody there": () => fails("ws://127.0.0.1:1/"),
  "a closed network": () => fails("ws://10.255.255.1/"),
});

export default {
  fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/plain":
        return new Response("plain");
      case "/fail":
        return new Response("no", { status: 403 });
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
