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
  fetch() {
    return new Response("answer");
  }
  asks(count) {
    const ask = async () => {
      await this.env.ROOMS.getByName("answers").fetch("http://room/");
      return await this.increment();
    };
    return Promise.all(Array.from({ length: count }, ask));
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
    equal(await room.seen(), ["made", "in", "out", "entered", "entered"]);
  },
  "nothing enters an object that is opened for it": async (_, env) => {
    const room = env.ROOMS.getByName("cold");
    await Promise.all([room.enter(), room.critical(), room.enter(), room.critical(), room.enter()]);
    equal(await room.seen(), ["made", "entered", "in", "out", "entered", "in", "out", "entered"]);
  },
  "reading and writing is one step": async (_, env) => {
    const room = env.ROOMS.getByName("c");
    const values = await Promise.all(Array.from({ length: 50 }, () => room.increment()));
    equal(values, Array.from({ length: 50 }, (_, i) => i + 1));
  },
  "answers that come together enter one by one": async (_, env) => {
    const values = await env.ROOMS.getByName("asker").asks(20);
    equal(values.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1));
  },
  "an exception takes nothing back": async (_, env) => {
    const room = env.ROOMS.getByName("d");
    await throws(() => room.fails());
    equal(await room.before(), 1);
  },
});
