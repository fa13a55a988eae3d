import { checks, equal, throws } from "../../check.js";

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

const inside = checks({
  "talks": async (request) => {
    const response = await fetch(new URL("/greet", request.url), { headers: { Upgrade: "websocket" } });
    equal([response.status, response.body], [101, null]);
    const socket = response.webSocket;
    await throws(() => socket.send("too early"), "TypeError");
    socket.accept();
    equal((await once(socket, "message")).data, "welcome");
    const closed = once(socket, "close");
    socket.send("leave");
    const event = await closed;
    equal([event.code, event.reason], [4000, "left"]);
  },
  "no socket": async (request) => {
    const response = await fetch(new URL("/plain", request.url), { headers: { Upgrade: "websocket" } });
    equal([response.status, response.webSocket, await response.text()], [200, null, "plain"]);
  },
  "the request says so": async (request) => {
    const response = await fetch(new URL("/header", request.url), { headers: { Upgrade: "websocket" } });
    equal(await response.text(), "websocket");
  },
  "a socket that was not asked for": async (request) => {
    const response = await fetch(new URL("/greet", request.url));
    equal(response.status, 500);
    await response.text();
  },
});

function greet() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.send("welcome");
  server.onmessage = () => server.close(4000, "left");
  return new Response(null, { status: 101, webSocket: client });
}

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/greet":
        return greet();
      case "/plain":
        return new Response("plain");
      case "/header":
        return new Response(request.headers.get("upgrade"));
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
