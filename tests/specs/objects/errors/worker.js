import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

class Session extends RpcTarget {
  wait() {
    return new Promise(() => {});
  }
}

export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.id.name === "broken") {
      throw new TypeError("no constructor");
    }
    if (ctx.id.name === "blocked") {
      ctx.blockConcurrencyWhile(async () => {
        await scheduler.wait(1);
        throw new RangeError("no section");
      });
    }
  }
  fails() {
    throw new RangeError("no room");
  }
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/abort":
        return this.abort();
      case "/wait":
        await scheduler.wait(10_000);
    }
    throw new RangeError("no answer");
  }
  abort() {
    this.ctx.abort("on purpose");
  }
  session() {
    return new Session();
  }
  ok() {
    return "ok";
  }
}

export class Service extends WorkerEntrypoint {
  fails() {
    throw new RangeError("no service");
  }
  fetch() {
    throw new RangeError("no service");
  }
}

/** What the error of a call says. */
async function said(call) {
  const error = await throws(call);
  const { name, message, remote, retryable, overloaded, durableObjectReset } = error;
  const flags = { remote, retryable, overloaded, durableObjectReset };
  for (const key of Object.keys(flags)) {
    assert(flags[key] === undefined || (flags[key] === true && Object.keys(error).includes(key)), `${key} is ${flags[key]}`);
  }
  return [name, message, ...Object.keys(flags).filter((key) => flags[key])];
}

export default checks({
  "thrown by a method, and by fetch()": async (_, env) => {
    const room = env.ROOMS.getByName("a");
    equal(await said(() => room.fails()), ["RangeError", "no room", "remote"]);
    equal(await said(() => room.fetch("http://room/")), ["RangeError", "no answer", "remote"]);
  },
  "thrown by a worker": async (_, env) => {
    equal(await said(() => env.SERVICE.fails()), ["RangeError", "no service", "remote"]);
    equal(await said(() => env.SERVICE.fetch("http://service/")), ["RangeError", "no service", "remote"]);
  },
  "ctx.abort()": async (_, env) => {
    const room = env.ROOMS.getByName("aborted");
    const reset = ["Error", "on purpose", "remote", "durableObjectReset"];
    equal(await said(() => room.abort()), reset);
    equal(await said(() => room.fetch("http://room/abort")), reset);
    // Those that were under way: a request, and a session.
    using session = await room.session();
    const waiting = [said(() => room.fetch("http://room/wait")), said(() => session.wait())];
    await scheduler.wait(20);
    equal(await said(() => room.abort()), reset);
    equal(await Promise.all(waiting), [reset, reset]);
    equal(await room.ok(), "ok");
  },
  "a constructor that throws": async (_, env) => {
    const room = env.ROOMS.getByName("broken");
    const reset = ["TypeError", "no constructor", "remote", "durableObjectReset"];
    equal(await said(() => room.ok()), reset);
    equal(await said(() => room.fetch("http://room/")), reset);
  },
  "a critical section that fails": async (_, env) => {
    const room = env.ROOMS.getByName("blocked");
    equal(await said(() => room.ok()), ["RangeError", "no section", "remote", "durableObjectReset"]);
  },
  "arguments that cannot be sent are an error of here": async (_, env) => {
    equal((await said(() => env.ROOMS.getByName("a").ok(Symbol("no")))).length, 2);
  },
});
