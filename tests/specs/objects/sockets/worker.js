import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  heard = [];

  async fetch(request) {
    const url = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    server.serializeAttachment({ joined: url.searchParams.get("name") });
    this.ctx.acceptWebSocket(server, url.searchParams.getAll("tag"));
    server.send("welcome");
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(ws, message) {
    this.heard.push(message instanceof ArrayBuffer ? [...new Uint8Array(message)] : message);
    switch (message) {
      case "who":
        return ws.send(JSON.stringify([ws.deserializeAttachment(), this.ctx.getTags(ws), this.ctx.getWebSockets().includes(ws)]));
      case "rename":
        return ws.serializeAttachment(new Map([["renamed", new Date(0)]]));
      case "leave":
        return ws.close(4001, "you asked for it");
      case "throw":
        throw new Error("on purpose");
      case "slow":
        await scheduler.wait(50);
        return ws.send("slow");
      default:
        for (const other of this.ctx.getWebSockets("all")) other.send(message);
    }
  }

  webSocketClose(ws, code, reason, wasClean) {
    this.heard.push({ code, reason, wasClean, state: ws.readyState, who: ws.deserializeAttachment(), tags: this.ctx.getTags(ws) });
  }

  recall() {
    return [this.heard, this.ctx.getWebSockets().length];
  }

  answer(request, response) {
    this.ctx.setWebSocketAutoResponse(request === undefined ? undefined : new WebSocketRequestResponsePair(request, response));
    const pair = this.ctx.getWebSocketAutoResponse();
    return pair && [pair.request, pair.response];
  }

  times() {
    return this.ctx.getWebSockets().map((ws) => this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? null);
  }

  count(tag) {
    return this.ctx.getWebSockets(tag).length;
  }

  async refusals() {
    const pair = () => Object.values(new WebSocketPair());
    const refused = [];
    const attempt = async (run) => refused.push(await throws(run).then((error) => error.name));
    await attempt(() => this.ctx.acceptWebSocket());
    await attempt(() => this.ctx.acceptWebSocket({}));
    await attempt(() => this.ctx.acceptWebSocket(pair()[0], "tag"));
    await attempt(() => this.ctx.acceptWebSocket(pair()[0], Array.from({ length: 11 }, (_, i) => `${i}`)));
    await attempt(() => this.ctx.acceptWebSocket(pair()[0], ["x".repeat(257)]));
    const [accepted] = pair();
    accepted.accept();
    await attempt(() => this.ctx.acceptWebSocket(accepted));
    const [a, b] = pair();
    this.ctx.acceptWebSocket(a);
    await attempt(() => this.ctx.acceptWebSocket(a));
    await attempt(() => this.ctx.acceptWebSocket(b));
    await attempt(() => a.accept());
    await attempt(() => b.accept());
    await attempt(() => this.ctx.getTags(pair()[0]));
    await attempt(() => a.serializeAttachment("x".repeat(16 * 1024)));
    await attempt(() => a.serializeAttachment(() => {}));
    await attempt(() => this.ctx.setWebSocketAutoResponse({ request: "a", response: "b" }));
    await attempt(() => this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x".repeat(2049), "")));
    await attempt(() => this.ctx.setHibernatableWebSocketEventTimeout(604_800_001));
    this.ctx.setHibernatableWebSocketEventTimeout(1000);
    equal(this.ctx.getHibernatableWebSocketEventTimeout(), 1000);
    this.ctx.setHibernatableWebSocketEventTimeout();
    equal(this.ctx.getHibernatableWebSocketEventTimeout(), null);
    equal(this.ctx.getTags(a), []);
    equal(a.deserializeAttachment(), null);
    return refused;
  }
}

const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

/** What comes on a socket, in order. */
function listen(socket) {
  const came = [];
  let wake = () => {};
  socket.addEventListener("message", ({ data }) => {
    came.push(data);
    wake();
  });
  return async () => {
    while (came.length === 0) await new Promise((resolve) => (wake = resolve));
    return came.shift();
  };
}

async function join(room, query = "") {
  const response = await room.fetch(`http://room/?${query}`, { headers: { Upgrade: "websocket" } });
  equal(response.status, 101);
  const socket = response.webSocket;
  socket.binaryType = "arraybuffer";
  const next = listen(socket);
  socket.accept();
  equal(await next(), "welcome");
  return [socket, next];
}

async function until(check) {
  for (let i = 0; i < 200; i++) {
    if (await check()) return;
    await scheduler.wait(10);
  }
  throw new Error("it did not come to that");
}

export default checks({
  "tags, attachments, broadcast": async (_, env) => {
    const room = env.ROOMS.getByName("a");
    const [ada, toAda] = await join(room, "name=ada&tag=all&tag=x&tag=x");
    const [, toBob] = await join(room, "name=bob&tag=all");
    const [eve, toEve] = await join(room, "name=eve");
    ada.send("hello");
    equal(await toAda(), "hello");
    equal(await toBob(), "hello");
    ada.send(new Uint8Array([1, 2]));
    equal(await toBob(), new Uint8Array([1, 2]).buffer);
    await toAda();
    ada.send("who");
    equal(JSON.parse(await toAda()), [{ joined: "ada" }, ["all", "x"], true]);
    eve.send("who");
    equal(JSON.parse(await toEve()), [{ joined: "eve" }, [], true]);
    equal(await room.count("all"), 2);
    equal(await room.count("x"), 1);
    equal(await room.count("none"), 0);
    equal((await room.recall())[1], 3);
  },
  "messages come in their order": async (_, env) => {
    const room = env.ROOMS.getByName("order");
    const [socket, next] = await join(room, "tag=all");
    for (let i = 0; i < 500; i++) socket.send(`${i}`);
    for (let i = 0; i < 500; i++) equal(await next(), `${i}`);
  },
  "a handler that waits does not hold up the others": async (_, env) => {
    const room = env.ROOMS.getByName("slow");
    const [socket, next] = await join(room, "tag=all");
    socket.send("slow");
    socket.send("fast");
    equal([await next(), await next()], ["fast", "slow"]);
  },
  "closed by the client": async (_, env) => {
    const room = env.ROOMS.getByName("b");
    const [socket] = await join(room, "name=ada&tag=all");
    socket.send("rename");
    const closed = once(socket, "close");
    socket.close(4000, "bye");
    const { code, reason } = await closed;
    equal([code, reason], [4000, "bye"]);
    await until(async () => (await room.recall())[1] === 0);
    const [heard] = await room.recall();
    equal(heard, ["rename", { code: 4000, reason: "bye", wasClean: true, state: 3, who: new Map([["renamed", new Date(0)]]), tags: ["all"] }]);
  },
  "closed by the object": async (_, env) => {
    const room = env.ROOMS.getByName("c");
    const [socket] = await join(room);
    const closed = once(socket, "close");
    socket.send("leave");
    const { code, reason, wasClean } = await closed;
    equal([code, reason, wasClean], [4001, "you asked for it", true]);
    await until(async () => (await room.recall())[1] === 0);
    equal((await room.recall())[0][1].wasClean, true);
  },
  "an exception in a handler ends neither the object nor the socket": async (_, env) => {
    const room = env.ROOMS.getByName("d");
    const [socket, next] = await join(room, "tag=all");
    socket.send("throw");
    socket.send("still here");
    equal(await next(), "still here");
  },
  "the node answers by itself": async (_, env) => {
    const room = env.ROOMS.getByName("e");
    equal(await room.answer("ping", "pong"), ["ping", "pong"]);
    const [socket, next] = await join(room, "tag=all");
    equal(await room.times(), [null]);
    socket.send("ping");
    equal(await next(), "pong");
    socket.send("pin");
    equal(await next(), "pin");
    const [at] = await room.times();
    assert(at > Date.now() - 60_000 && at <= Date.now() + 60_000, `${at}`);
    equal((await room.recall())[0], ["pin"]);
    equal(await room.answer(), null);
    socket.send("ping");
    equal(await next(), "ping");
  },
  "what is refused": async (_, env) => {
    const refused = await env.ROOMS.getByName("f").refusals();
    equal(refused, [
      "TypeError", "TypeError", "TypeError", "Error", "Error", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError",
      "TypeError", "RangeError", "DataCloneError", "TypeError", "RangeError", "RangeError",
    ]);
  },
});
