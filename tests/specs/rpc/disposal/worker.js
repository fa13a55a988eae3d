import { RpcStub, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Counter extends RpcTarget {
  disposed = 0;
  #value = 0;
  increment(by = 1) {
    return (this.#value += by);
  }
  [Symbol.dispose]() {
    this.disposed++;
  }
}

export class Far extends WorkerEntrypoint {
  async use(counter) {
    return await counter.increment(5);
  }
  async keep(counter) {
    const kept = counter.dup();
    return {
      used: await counter.increment(),
      returned: counter.dup(),
      original: () => counter.increment(),
      kept: () => kept.increment(),
      [Symbol.dispose]() {
        kept[Symbol.dispose]();
      },
    };
  }
  counters() {
    return { one: new Counter(), list: [new Counter()] };
  }
  counter() {
    return new Counter();
  }
}

async function until(condition) {
  for (let i = 0; i < 300; i++) {
    if (await condition()) return;
    await later(10);
  }
  throw new Error("it did not come to that");
}

const gone = async (run) => assert((await throws(run, "Error")).message.includes("disposed"));

export default checks({
  "by hand": async (_, env) => {
    const counter = await env.SELF.counter();
    equal(await counter.increment(), 1);
    counter[Symbol.dispose]();
    counter[Symbol.dispose]();
    await gone(() => counter.increment());
    await gone(async () => counter.dup());
  },
  "by using": async (_, env) => {
    let kept;
    {
      using counter = await env.SELF.counter();
      kept = counter;
      equal(await counter.increment(), 1);
    }
    await gone(() => kept.increment());
    {
      await using counter = await env.SELF.counter();
      kept = counter;
    }
    await gone(() => kept.increment());
  },
  "all that a result has": async (_, env) => {
    const result = await env.SELF.counters();
    equal([await result.one.increment(), await result.list[0].increment()], [1, 1]);
    result[Symbol.dispose]();
    await gone(() => result.one.increment());
    await gone(() => result.list[0].increment());
    assert(!Object.keys(result).includes("Symbol(Symbol.dispose)"));
  },
  "a parameter, when the call ends": async (_, env) => {
    const counter = new Counter();
    equal(await env.SELF.use(counter), 5);
    await until(() => counter.disposed === 1);
  },
  "dup()": async (_, env) => {
    const counter = await env.SELF.counter();
    const other = counter.dup();
    counter[Symbol.dispose]();
    equal([await other.increment(), await other.increment()], [1, 2]);
    other[Symbol.dispose]();
    await gone(() => other.increment());
  },
  "what the far side has kept": async (_, env) => {
    const counter = new Counter();
    const result = await env.SELF.keep(counter);
    equal(result.used, 1);
    await gone(() => result.original());
    equal([await result.kept(), await result.returned.increment(), counter.disposed], [2, 3, 0]);
    result[Symbol.dispose]();
    await until(() => counter.disposed === 1);
  },
  "a stub that is sent is still the sender's": async (_, env) => {
    const counter = new Counter();
    const stub = new RpcStub(counter);
    equal([await env.SELF.use(stub), await env.SELF.use(stub), await stub.increment(), counter.disposed], [5, 10, 11, 0]);
    stub[Symbol.dispose]();
    await until(() => counter.disposed === 1);
  },
  "stubs of this side": async () => {
    const counter = new Counter();
    const stub = new RpcStub(counter);
    assert(stub instanceof RpcStub);
    equal(await stub.increment(), 1);
    stub[Symbol.dispose]();
    await until(() => counter.disposed === 1);
    equal(await new RpcStub({ sum: (a, b) => a + b }).sum(1, 2), 3);
    equal(await new RpcStub((a) => a + 1)(1), 2);
    for (const wrong of [undefined, 5, "a", new Map()]) await throws(() => new RpcStub(wrong), "TypeError");
  },
});
