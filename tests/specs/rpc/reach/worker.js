import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

class Inner extends RpcTarget {
  own = "own";
  arrow = () => "own";
  method() {
    return "method";
  }
  get getter() {
    return "getter";
  }
  fetch() {
    return "a method like others";
  }
  alarm() {
    return "too";
  }
  _underscore() {
    return "underscore";
  }
  #hidden() {}
  static fixed() {}
}

class Base extends WorkerEntrypoint {
  inherited() {
    return "inherited";
  }
}

export class Far extends Base {
  own = "own";
  arrow = () => "own";
  constructor(ctx, env) {
    super(ctx, env);
    this.assigned = { call: () => 1 };
  }
  method() {
    return "method";
  }
  _underscore() {
    return "underscore";
  }
  get inner() {
    return new Inner();
  }
  get plain() {
    return { text: "hello", call: (a, b) => a * b, deep: { er: () => "deep" }, inner: new Inner(), notATarget: new Map([["a", 1]]) };
  }
  get function() {
    return Object.assign((a, b) => a - b, { own: 5 });
  }
  get promise() {
    return new Promise((resolve) => setTimeout(() => resolve(7), 1));
  }
  get throws() {
    throw new RangeError("in the getter");
  }
  get rejects() {
    return Promise.reject(new SyntaxError("later"));
  }
  callWith(target, name, ...args) {
    return target[name](...args);
  }
  async read(target, name) {
    return await target[name];
  }
  alarm() {}
  connect() {}
  webSocketMessage() {}
  webSocketClose() {}
  webSocketError() {}
  dup() {}
  get(a) {
    return a + 1;
  }
  put(a, b) {
    return a + b;
  }
  delete(a) {
    return a - 1;
  }
}

const missing = async (run, name) => {
  const error = await throws(run, "TypeError");
  equal(error.message, `The RPC receiver does not implement the method "${name}".`);
};

export default checks({
  "methods of the class and of those it extends": async (_, env) => {
    equal([await env.SELF.method(), await env.SELF.inherited(), await env.SELF._underscore()], ["method", "inherited", "underscore"]);
    equal([await env.SELF.get(1), await env.SELF.put(1, 2), await env.SELF.delete(1)], [2, 3, 0]);
  },
  "nothing of the instance": async (_, env) => {
    for (const name of ["own", "arrow", "assigned", "ctx", "env"]) {
      await missing(() => env.SELF[name], name);
      await missing(() => env.SELF[name](), name);
    }
    await missing(() => env.SELF.assigned.call(), "assigned");
  },
  "nothing of Object": async (_, env) => {
    for (const name of ["toString", "hasOwnProperty", "valueOf", "__proto__", "__defineGetter__", "isPrototypeOf"]) {
      await missing(() => env.SELF[name](), name);
    }
  },
  "reserved names": async (_, env) => {
    for (const name of ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup", "constructor", "connect"]) {
      assert((await throws(() => env.SELF[name](), "TypeError")).message.includes(name), name);
    }
    equal([await env.SELF.inner.fetch(), await env.SELF.inner.alarm()], ["a method like others", "too"]);
    await throws(() => env.SELF.inner.constructor(), "TypeError");
  },
  "targets": async (_, env) => {
    using inner = await env.SELF.inner;
    equal([await inner.method(), await inner.getter, await inner._underscore()], ["method", "getter", "underscore"]);
    for (const name of ["own", "arrow", "fixed", "hidden"]) await missing(() => inner[name], name);
  },
  "plain objects have own members": async (_, env) => {
    equal([await env.SELF.plain.text, await env.SELF.plain.call(3, 4), await env.SELF.plain.deep.er(), await env.SELF.plain.inner.method()], ["hello", 12, "deep", "method"]);
    await missing(() => env.SELF.plain.missing(), "missing");
    await missing(() => env.SELF.plain.notATarget.get("a"), "notATarget");
  },
  "functions": async (_, env) => {
    equal([await env.SELF.function(5, 3), await env.SELF.function.own], [2, 5]);
    for (const name of ["call_", "prototype"]) await missing(() => env.SELF.function[name], name);
  },
  "getters": async (_, env) => {
    equal(await env.SELF.promise, 7);
    equal((await throws(() => env.SELF.throws, "RangeError")).message, "in the getter");
    equal((await throws(() => env.SELF.rejects, "SyntaxError")).message, "later");
    equal(await env.SELF.rejects.catch((error) => error.name), "SyntaxError");
    assert((await throws(() => env.SELF.promise(), "TypeError")).message.includes("is not a function"));
  },
  "the same for what the caller gives": async (_, env) => {
    equal([await env.SELF.callWith(new Inner(), "method"), await env.SELF.read(new Inner(), "getter")], ["method", "getter"]);
    await throws(() => env.SELF.read(new Inner(), "own"), "TypeError");
    equal(await env.SELF.callWith({ own: (a) => a + 1 }, "own", 1), 2);
  },
  "a path is 64 names long at the most": async (_, env) => {
    let path = env.SELF;
    for (let i = 0; i < 64; i++) path = path.a;
    await throws(() => path.a, "TypeError");
  },
});
