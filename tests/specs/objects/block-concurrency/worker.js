import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  born = crypto.randomUUID();
  log = [];
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.id.name === "fails to begin") ctx.blockConcurrencyWhile(async () => {
      if (!ctx.storage.kv.get("begun")) {
        ctx.storage.kv.put("never", 1);
        await later(1);
        throw new RangeError("it cannot begin");
      }
    });
  }
  state() {
    return this.born;
  }
  async values() {
    const { ctx } = this;
    return [await ctx.blockConcurrencyWhile(async () => 5), await ctx.blockConcurrencyWhile(() => "at once"), await ctx.blockConcurrencyWhile(() => {})];
  }
  async nested(depth) {
    const nest = (left) => this.ctx.blockConcurrencyWhile(async () => {
      if (left > 1) return await nest(left - 1);
      try {
        await this.ctx.blockConcurrencyWhile(() => "deeper");
        return "entered";
      } catch (error) {
        return error.message;
      }
    });
    return await nest(depth);
  }
  async fails(how) {
    this.ctx.storage.kv.put("written", how);
    await this.ctx.blockConcurrencyWhile(async () => {
      if (how === "late") await later(1);
      throw new RangeError(`failed ${how}`);
    });
  }
  async caught() {
    try {
      await this.ctx.blockConcurrencyWhile(() => {
        throw new Error("caught in vain");
      });
    } catch {}
    return "not to be heard";
  }
  async wrong() {
    return (await throws(() => this.ctx.blockConcurrencyWhile(5))).name;
  }
  async timers() {
    setTimeout(() => this.log.push("timer"), 1);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("in");
      await later(20);
      this.log.push("out");
    });
    await later(5);
    return this.log;
  }
  async inner() {
    return await this.ctx.blockConcurrencyWhile(async () => {
      const other = await this.env.ROOMS.getByName("other").call(() => "called back");
      const response = await this.env.ROOMS.getByName("other").fetch("http://x/");
      return [other, await response.text()];
    });
  }
  async call(callback) {
    return await callback();
  }
  fetch() {
    return new Response("fetched");
  }
}

export default checks({
  "what it returns": async (_, env) => equal(await env.ROOMS.getByName("values").values(), [5, "at once", undefined]),
  "64 deep": async (_, env) => {
    equal(await env.ROOMS.getByName("deep").nested(63), "entered");
    assert((await env.ROOMS.getByName("too deep").nested(64)).includes("nested too deeply"));
    equal(await env.ROOMS.getByName("too deep").nested(1), "entered");
  },
  "an error resets the object": async (_, env) => {
    for (const how of ["at once", "late"]) {
      const room = env.ROOMS.getByName(`fails ${how}`);
      const born = await room.state();
      assert((await throws(() => room.fails(how))).message.includes(`failed ${how}`));
      assert((await env.ROOMS.getByName(`fails ${how}`).state()) !== born);
    }
  },
  "also one that is caught": async (_, env) => {
    const room = env.ROOMS.getByName("caught");
    const born = await room.state();
    assert((await throws(() => room.caught())).message.includes("caught in vain"));
    assert((await env.ROOMS.getByName("caught").state()) !== born);
  },
  "one that cannot begin": async (_, env) => {
    for (let i = 0; i < 2; i++) {
      assert((await throws(() => env.ROOMS.getByName("fails to begin").state())).message.includes("it cannot begin"));
    }
  },
  "what is no function": async (_, env) => equal(await env.ROOMS.getByName("wrong").wrong(), "TypeError"),
  "timers wait": async (_, env) => equal(await env.ROOMS.getByName("timers").timers(), ["in", "out", "timer"]),
  "what it asks for comes in": async (_, env) => equal(await env.ROOMS.getByName("inner").inner(), ["called back", "fetched"]),
});
