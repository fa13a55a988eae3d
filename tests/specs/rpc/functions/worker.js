import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Far extends WorkerEntrypoint {
  async call(callback, ...args) {
    return await callback(...args);
  }
  identity(value) {
    return value;
  }
  add(a) {
    return (b) => (c) => a + b + c;
  }
  async each(list, callback) {
    const results = [];
    for (const item of list) results.push(await callback(item));
    return results;
  }
  counter() {
    let n = 0;
    return { next: () => ++n };
  }
  service() {
    return this.env.SELF;
  }
}

export default checks({
  "functions of functions": async (_, env) => equal(await env.SELF.add(1)(2)(3), 6),
  "back and forth": async (_, env) => {
    equal(await env.SELF.call(async (callback) => (await callback(5)) + 1, (n) => n * 2), 11);
    equal(await env.SELF.each([1, 2, 3], (n) => n * n), [1, 4, 9]);
  },
  "in the order of their calls": async (_, env) => {
    using counter = await env.SELF.counter();
    equal(await Promise.all(Array.from({ length: 50 }, () => counter.next())), Array.from({ length: 50 }, (_, i) => i + 1));
  },
  "errors of callbacks": async (_, env) => {
    const error = await throws(() => env.SELF.call(() => {
      throw new RangeError("of the caller");
    }), "RangeError");
    equal(error.message, "of the caller");
  },
  "own members of functions": async (_, env) => {
    const given = Object.assign(() => 1, { own: 5, inner: { deep: 6 } });
    using back = await env.SELF.identity(given);
    equal([await back(), await back.own, await back.inner.deep], [1, 5, 6]);
  },
  "proxies of targets": async (_, env) => {
    class Counter extends RpcTarget {
      add(n) {
        return n + 1;
      }
    }
    const proxy = new Proxy(new Counter(), { get: (target, name) => (name === "add" ? (n) => target.add(n + 100) : Reflect.get(target, name)) });
    equal(await env.SELF.identity(() => proxy)().add(1), 102);
  },
  "a binding that is sent": async (_, env) => {
    equal(await env.SELF.service().identity(5), 5);
    using service = await env.SELF.service();
    equal(await service.identity(6), 6);
    equal(await env.SELF.call(async (self) => await self.identity(7), env.SELF), 7);
  },
});
