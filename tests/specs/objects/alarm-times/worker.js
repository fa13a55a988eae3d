import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.id.name === "in the constructor") ctx.blockConcurrencyWhile(() => ctx.storage.setAlarm(Date.now() + 60_000));
  }
  async set(time) {
    await this.ctx.storage.setAlarm(time);
    return await this.ctx.storage.getAlarm();
  }
  async wrong() {
    const names = [];
    for (const time of [0, -1, NaN, new Date(NaN), undefined, "soon", {}, -Infinity]) {
      names.push((await throws(() => this.ctx.storage.setAlarm(time))).name);
    }
    return [names, await this.ctx.storage.getAlarm()];
  }
  alarm() {
    this.woken = (this.woken ?? 0) + 1;
  }
  async state() {
    return [this.woken ?? 0, await this.ctx.storage.getAlarm()];
  }
}

/** Has no handler. */
export class Hall extends DurableObject {
  async set() {
    const { storage } = this.ctx;
    const error = await throws(() => storage.setAlarm(Date.now() + 1000), "TypeError");
    return [error.message, await storage.getAlarm(), await storage.deleteAlarm()];
  }
}

async function until(room) {
  for (let i = 0; i < 400; i++) {
    const [woken, alarm] = await room.state();
    if (woken === 1 && alarm === null) return;
    await later(20);
  }
  throw new Error("it was not woken");
}

export default checks({
  "numbers and dates": async (_, env) => {
    const time = Date.now() + 60_000;
    equal([await env.ROOMS.getByName("a").set(time), await env.ROOMS.getByName("a").set(new Date(time + 1)), await env.ROOMS.getByName("a").set(time + 2.7)], [time, time + 1, time + 2]);
  },
  "the past comes at once": async (_, env) => {
    for (const [name, time] of [["past", 1], ["date", new Date(1000)], ["now", Date.now()]]) {
      const before = Date.now();
      const room = env.ROOMS.getByName(name);
      const set = await room.set(time);
      assert(set === null || set >= before, `${set}`);
      await until(room);
    }
  },
  "what is no time": async (_, env) => equal(await env.ROOMS.getByName("b").wrong(), [Array(8).fill("TypeError"), null]),
  "without a handler": async (_, env) => {
    const [message, alarm, deleted] = await env.HALLS.getByName("a").set();
    assert(message.includes("alarm() handler"), message);
    equal([alarm, deleted], [null, undefined]);
  },
  "in the constructor": async (_, env) => assert((await env.ROOMS.getByName("in the constructor").state())[1] > Date.now()),
  "none at first": async (_, env) => equal(await env.ROOMS.getByName("c").state(), [0, null]),
});
