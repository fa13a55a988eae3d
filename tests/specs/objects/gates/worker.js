import { DurableObject } from "cloudflare:workers";
import { checks, equal, throws } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  log = [];
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await later(20);
      this.log.push("made");
    });
  }
  seen() {
    return this.log;
  }
  async critical() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("in");
      await later(20);
      this.log.push("out");
    });
  }
  enter() {
    this.log.push("entered");
  }
  async increment() {
    const value = (await this.ctx.storage.get("value")) ?? 0;
    await this.ctx.storage.put("value", value + 1);
    return value + 1;
  }
  fails() {
    this.ctx.storage.kv.put("before", 1);
    throw new Error("after a write");
  }
  before() {
    return this.ctx.storage.kv.get("before");
  }
}

export default checks({
  "the constructor's work comes first": async (_, env) => equal(await env.ROOMS.getByName("a").seen(), ["made"]),
  "nothing enters": async (_, env) => {
    const room = env.ROOMS.getByName("b");
    await room.seen();
    await Promise.all([room.critical(), room.enter(), room.enter()]);
    const log = await room.seen();
    equal([log[0], log[log.indexOf("in") + 1], log.length], ["made", "out", 5]);
  },
  "reading and writing is one step": async (_, env) => {
    const room = env.ROOMS.getByName("c");
    const values = await Promise.all(Array.from({ length: 50 }, () => room.increment()));
    equal(values.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i + 1));
  },
  "an exception takes nothing back": async (_, env) => {
    const room = env.ROOMS.getByName("d");
    await throws(() => room.fails());
    equal(await room.before(), 1);
  },
});
