import { assert, checks, equal, throws } from "../../check.js";

export class Room {
  constructor(state, env) {
    this.state = state;
    this.env = env;
  }
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/alarm":
        await this.state.storage.setAlarm(Date.now());
        return new Response("set");
      case "/woken":
        return Response.json((await this.state.storage.get("woken")) ?? null);
      default:
        return Response.json([this.state.id.name, Object.keys(this.env), await this.state.storage.get("n")]);
    }
  }
  async alarm(info) {
    await this.state.storage.put("woken", info.retryCount);
  }
  method() {
    return "not to be reached";
  }
}

export default checks({
  "fetch": async (_, env) => equal(await (await env.ROOMS.getByName("a").fetch("http://x/")).json(), ["a", ["ROOMS"], null]),
  "alarm": async (_, env) => {
    const room = env.ROOMS.getByName("b");
    await room.fetch("http://x/alarm");
    for (let i = 0; i < 200; i++) {
      if ((await (await room.fetch("http://x/woken")).json()) === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("it was not woken");
  },
  "methods": async (_, env) => {
    const error = await throws(() => env.ROOMS.getByName("c").method(), "TypeError");
    assert(error.message.includes("does not extend DurableObject"), error.message);
  },
});
