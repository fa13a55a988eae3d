import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

let disposed = 0;

class Counter extends RpcTarget {
  #value;
  constructor(value) {
    super();
    this.#value = value;
  }
  increment(by = 1) {
    this.#value += by;
    return this.#value;
  }
  get value() {
    return this.#value;
  }
  child() {
    return new Counter(this.#value * 10);
  }
  [Symbol.dispose]() {
    disposed++;
  }
}

export class Far extends WorkerEntrypoint {
  counter(start) {
    return new Counter(start);
  }
  counters() {
    return { list: [new Counter(1), new Counter(2)], by: (name) => `by ${name}` };
  }
  async call(callback, value) {
    return await callback(value);
  }
  async use(counter) {
    return await counter.increment(5);
  }
  async keep(callback) {
    const kept = callback.dup();
    this.ctx.waitUntil((async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await kept("kept");
    })());
  }
  disposed() {
    return disposed;
  }
  fails() {
    return () => {
      throw new SyntaxError("inside");
    };
  }
}

export default checks({
  "a target is called by reference": async (_, env) => {
    using counter = await env.SELF.counter(10);
    equal([await counter.increment(), await counter.increment(4), await counter.value], [11, 15, 15]);
  },
  "calls go ahead of what they are for": async (_, env) => {
    equal(await env.SELF.counter(1).child().child().increment(), 101);
    equal(await env.SELF.counter(3).value, 3);
  },
  "references within values": async (_, env) => {
    using all = await env.SELF.counters();
    equal([await all.list[0].increment(), await all.list[1].increment(), await all.by("name")], [2, 3, "by name"]);
    equal(await env.SELF.counters().by("ahead"), "by ahead");
  },
  "functions of the caller are called": async (_, env) => {
    const seen = [];
    equal(await env.SELF.call((value) => (seen.push(value), value * 2), 21), 42);
    equal(seen, [21]);
  },
  "targets of the caller are called": async (_, env) => {
    const own = new Counter(1);
    equal([await env.SELF.use(own), own.value], [6, 6]);
  },
  "a promise as an argument": async (_, env) => {
    equal(await env.SELF.use(env.SELF.counter(7)), 12);
  },
  "what is to outlive its call is duplicated": async (_, env) => {
    let heard;
    const kept = new Promise((resolve) => (heard = resolve));
    await env.SELF.keep((value) => heard(value));
    equal(await kept, "kept");
  },
  "what is disposed is gone": async (_, env) => {
    const counter = await env.SELF.counter(1);
    const before = await env.SELF.disposed();
    counter[Symbol.dispose]();
    await throws(() => counter.increment(), "Error");
    for (let i = 0; i < 100 && (await env.SELF.disposed()) === before; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    equal(await env.SELF.disposed(), before + 1);
  },
  "errors of functions": async (_, env) => {
    using fails = await env.SELF.fails();
    equal((await throws(() => fails(), "SyntaxError")).message, "inside");
  },
});
