import { DurableObject } from "cloudflare:workers";
import { checks, equal } from "../../check.js";

export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.born = crypto.randomUUID();
    this.found = ctx.getWebSockets().map((ws) => [ws.deserializeAttachment(), ctx.getTags(ws)]);
  }

  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["seat"]);
    server.serializeAttachment({ seat: this.ctx.getWebSockets().length });
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(ws, message) {
    if (message === "tick") setInterval(() => {}, 1000);
    ws.send(JSON.stringify([this.born, this.found, ws.deserializeAttachment(), this.ctx.getWebSocketAutoResponse()?.response]));
  }
}

async function join(room) {
  const { webSocket } = await room.fetch("http://room/", { headers: { Upgrade: "websocket" } });
  const came = [];
  let wake = () => {};
  webSocket.addEventListener("message", ({ data }) => {
    came.push(data);
    wake();
  });
  webSocket.accept();
  return async (message) => {
    webSocket.send(message);
    while (came.length === 0) await new Promise((resolve) => (wake = resolve));
    const answer = came.shift();
    return answer.startsWith("[") ? JSON.parse(answer) : answer;
  };
}

export default checks({
  "it sleeps and wakes": async (_, env) => {
    const [sleeper, waker] = [env.ROOMS.getByName("sleeper"), env.ROOMS.getByName("waker")];
    const [one, two, busy] = [await join(sleeper), await join(sleeper), await join(waker)];
    const [born, found, attached] = await one("a");
    equal([found, attached], [[], { seat: 1 }]);
    const [bornBusy] = await busy("tick");
    await scheduler.wait(17_000);
    // Answered without waking it.
    equal(await two("ping"), "pong");
    const [bornAgain, foundAgain, attachedAgain, response] = await two("b");
    equal(bornAgain === born, false, "it has slept");
    equal(foundAgain, [[{ seat: 1 }, ["seat"]], [{ seat: 2 }, ["seat"]]]);
    equal([attachedAgain, response], [{ seat: 2 }, "pong"]);
    equal((await one("c"))[0], bornAgain);
    equal((await busy("d"))[0], bornBusy, "whoever has a timer does not sleep");
  },
});
