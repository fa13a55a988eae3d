// Counters and rooms. `/read/NAME` and `/write/NAME` are a counter's, with `/alarm/NAME` it also sets an alarm; `/room/NAME` is a WebSocket
// of a room, which sends each message to all; anything else is answered without an object.
import { DurableObject } from "cloudflare:workers";

const HOUR_MS = 3_600_000;

export class Counter extends DurableObject {
  async fetch(request) {
    const { storage } = this.ctx;
    const [, action] = new URL(request.url).pathname.split("/");
    let value = (await storage.get("value")) ?? 0;
    if (action !== "read") {
      value += 1;
      await storage.put("value", value);
    }
    if (action === "alarm") {
      await storage.setAlarm(Date.now() + HOUR_MS);
    }
    return new Response(String(value));
  }

  alarm() {}
}

export class Room extends DurableObject {
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(_, message) {
    for (const socket of this.ctx.getWebSockets()) {
      socket.send(message);
    }
  }

  webSocketClose(socket, code) {
    socket.close(code === 1005 ? 1000 : code);
  }
}

export default {
  fetch(request, env) {
    const [, action, name] = new URL(request.url).pathname.split("/");
    if (!name) {
      return new Response("hello");
    }
    return (action === "room" ? env.ROOM : env.COUNTER).getByName(name).fetch(request);
  },
};
