// What worker code sees of RPC. `node --test tests/rpc/*.test.mjs`

import assert from "node:assert/strict";
import test from "node:test";

import { Counter, NotATarget, Service } from "./fixture.mjs";
import { bind, join, later, rpc, until } from "./pair.mjs";

const { RpcPromise, RpcProperty, RpcStub, RpcTarget } = rpc;

/** RPC promises are callable, which assert.rejects() takes for functions. */
const rejects = (promise, expected) => assert.rejects(async () => await promise, expected);

/** A binding whose sessions must all end by themselves. */
function service() {
  const target = new Service();
  const bound = bind(target);
  const ended = () => until(() => bound.sessions.every(({ caller, callee }) => caller.idle === 1 && callee.idle === 1));
  const clean = () => assert.deepEqual(bound.sessions.flatMap(({ caller, callee }) => [...caller.logged, ...callee.logged]), []);
  return { target, svc: bound.binding, sessions: bound.sessions, ended, clean };
}

test("methods, properties, functions", async () => {
  const { svc, ended, clean } = service();
  assert.equal(await svc.add(1, 2), 3);
  assert.equal(await svc.count(), 0);
  assert.equal(await svc.count(undefined), 1);
  assert.equal(await svc.echo(), undefined);
  assert.equal(await svc.echo(null), null);
  assert.equal(await svc.object.deeper.text, "hello");
  assert.deepEqual(await svc.object.deeper, { text: "hello" });
  assert.equal(await svc.promised, 123);
  assert.equal(await svc.promised.then((value) => value + 1), 124);
  assert.equal(await svc.later("x").finally(() => {}), "x");
  const { add } = svc;
  assert.equal(await add(3, 4), 7);
  await rejects(svc.throwing, { name: "RangeError", message: "getter threw", remote: true });
  assert.equal(await svc.throwing.catch(() => "caught"), "caught");
  await ended();
  clean();
});

test("a plain call is three small messages and one back", async () => {
  const { svc, sessions, ended } = service();
  await svc.add(1, 2);
  await ended();
  const [{ caller, callee }] = sessions;
  assert.equal(caller.sent, 3);
  assert.equal(callee.sent, 1);
  assert.ok(caller.bytes < 40 && callee.bytes < 16, `${caller.bytes} and ${callee.bytes} bytes`);
});

test("values are copied whole", async () => {
  const { svc, ended } = service();
  const cycle = { name: "cycle", list: [1, , 3], date: new Date(5), map: new Map([[{ k: 1 }, new Set([1n])]]), re: /x/g, bytes: new Uint8Array([1, 2]) };
  cycle.self = cycle;
  const got = await svc.echo(cycle);
  assert.equal(got.self, got);
  assert.deepEqual([...got.map], [...cycle.map]);
  assert.deepEqual([got.list, got.date, got.re, got.bytes, 1 in got.list], [cycle.list, cycle.date, cycle.re, cycle.bytes, false]);
  // The same with a special inside, which takes the other way.
  cycle.fn = () => 5;
  const other = await svc.echo(cycle);
  assert.equal(other.self, other);
  assert.deepEqual([...other.map], [...cycle.map]);
  assert.deepEqual([other.list, other.date, other.re, other.bytes, 1 in other.list], [cycle.list, cycle.date, cycle.re, cycle.bytes, false]);
  assert.equal(await other.fn(), 5);
  other[Symbol.dispose]();
  const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
  large.push(large);
  assert.equal((await svc.echo(large)).length, 1001);
  await ended();
});

test("texts that look like marks stay texts, and keys like __proto__ stay keys", async () => {
  const { svc, ended } = service();
  const texts = ["\u0000rpc:0", "\u0000rpc:=", "\u0000rpc:=\u0000rpc:0", "\u0000rpc:"];
  const value = { texts, map: new Map([["\u0000rpc:0", "\u0000rpc:1"]]), fn: () => 1, error: new Error("\u0000rpc:0") };
  Object.defineProperty(value, "__proto__", { value: { polluted: "\u0000rpc:0" }, enumerable: true });
  const got = await svc.echo(value);
  assert.deepEqual(got.texts, texts);
  assert.deepEqual([...got.map], [["\u0000rpc:0", "\u0000rpc:1"]]);
  assert.equal(got.error.message, "\u0000rpc:0");
  assert.deepEqual(Object.getOwnPropertyDescriptor(got, "__proto__").value, { polluted: "\u0000rpc:0" });
  assert.equal(got.polluted, undefined);
  assert.equal({}.polluted, undefined);
  got[Symbol.dispose]();
  await ended();
});

test("what cannot be sent is refused with its name", async () => {
  const { svc, ended } = service();
  const refused = (name) => ({ name: "DataCloneError", message: new RegExp(`^Could not serialize object of type "${name}"\\.`) });
  await rejects(svc.echo(new NotATarget()), refused("NotATarget"));
  await rejects(svc.echo([{ a: new NotATarget() }]), refused("NotATarget"));
  await rejects(svc.notATarget(), refused("NotATarget"));
  await rejects(svc.echo(Object.create(null)), refused("Object"));
  await rejects(svc.echo(new WeakMap()), refused("WeakMap"));
  await rejects(svc.echo(Promise.resolve(1)), refused("Promise"));
  await rejects(svc.echo(Symbol("s")), { name: "DataCloneError" });
  await rejects(svc.echo(new Uint8Array(33 * 1024 * 1024)), /limited to 32MiB/);
  await rejects(svc.echo({ get x() { throw new RangeError("mine"); } }), { name: "RangeError", message: "mine" });
  await ended();
});

test("only members of the class can be reached", async () => {
  const { svc, ended } = service();
  const missing = (name) => ({ name: "TypeError", message: `The RPC receiver does not implement the method "${name}".` });
  assert.ok(svc.object.deeper instanceof RpcProperty);
  for (const name of ["instanceProperty", "instanceMethod", "nothing"]) {
    await rejects(svc[name](), missing(name));
    await rejects(svc[name], missing(name));
  }
  await rejects(svc.object.bad.x, missing("bad"));
  await rejects(svc.object.fn.prototype, missing("prototype"));
  for (const name of ["fetch", "alarm", "connect", "webSocketMessage", "dup"]) {
    await rejects(svc[name](), { name: "TypeError", message: `'${name}' is a reserved method and cannot be called over RPC.` });
  }
  await rejects(svc.object(), { message: '"object" is not a function.' });
  await rejects(svc.object.deeper.text(), { message: '"object.deeper.text" is not a function.' });
  await rejects(svc.add(1, 2).foo(), missing("foo"));
  await rejects(svc.echo(new Map()).foo(), missing("foo"));
  assert.throws(() => {
    let property = svc.object;
    for (let i = 0; i < 70; i++) {
      property = property.x;
    }
  }, /path is too deep/);
  const own = { inside: 1 };
  own.constructor = () => 1;
  const stub = new RpcStub({ own, fn: (x) => x });
  assert.equal(await stub.own.inside, 1);
  await ended();
});

test("names that proxies here do not pass on are refused there too", async () => {
  // The far side may send any name: straight to the callee.
  const { reach } = await import("./reach.mjs");
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "instanceMethod", "then"]) {
    await rejects(reach(new Service(), [name]), name === "constructor" ? /reserved method/ : /does not implement/);
    await rejects(reach(new Service(), [name], []), name === "constructor" ? /reserved method/ : /does not implement/);
  }
  await rejects(reach(new Service(), ["object", "deeper", "toString"], []), /does not implement/);
  await rejects(reach(new Service(), ["getFunction", "call"], []), /does not implement/);
  await rejects(reach(new Service(), ["add", "apply"], []), /does not implement/);
  await rejects(reach(new Service(), ["add", "constructor"], ["return 1"]), /reserved method/);
  await rejects(reach(new Service(), [], []), { message: '"(this)" is not a function.' });
});

test("targets and functions go by reference, both ways", async () => {
  const { svc, ended, clean } = service();
  const counter = await svc.makeCounter(4);
  assert.ok(counter instanceof RpcStub);
  assert.equal(await counter.increment(5), 9);
  assert.equal(await counter.value, 9);
  assert.deepEqual(await Promise.all([counter.increment(1), counter.increment(2), counter.increment(3)]), [10, 12, 15]);
  const again = await counter.self();
  assert.equal(await again.value, 15);
  counter[Symbol.dispose]();
  assert.equal(await again.value, 15);
  again[Symbol.dispose]();
  await rejects(counter.increment(1), { name: "Error", message: "RPC stub used after being disposed." });
  assert.throws(() => counter.dup(), /disposed/);
  const fn = await svc.getFunction();
  assert.equal(await fn(3, 4), 12);
  assert.equal(await fn.own, 5);
  fn[Symbol.dispose]();
  assert.equal(await svc.callBack((a, b) => a - b, 5, 3), 2);
  assert.equal(await svc.callBack(async (a) => {
    await later(1);
    return a;
  }, 5), 5);
  await rejects(svc.callBack(() => {
    throw new TypeError("mine");
  }), { name: "TypeError", message: "mine" });
  const local = new Counter(1);
  assert.equal(await svc.increment(local, 2), 3);
  assert.equal(local.value, 3);
  await until(() => local.disposed === 1);
  await ended();
  clean();
});

test("pipelining waits for nothing", async () => {
  const { svc, sessions, clean } = service();
  const promise = svc.later(1);
  assert.ok(promise instanceof RpcPromise);
  const first = svc.makeCounter(12);
  const results = [first.increment(3), first.increment(5)];
  assert.equal(sessions.at(-1).caller.sent, 4, "all calls are under way at once");
  assert.deepEqual(await Promise.all(results), [15, 20]);
  assert.equal(await first.value, 20, "also once it is there");
  first[Symbol.dispose]();
  assert.equal(await svc.withCounter(5).counter.increment(7), 12);
  assert.equal(await svc.withCounter(5).list[1].deep.increment(1).catch((error) => error.message), 'The RPC receiver does not implement the method "list".');
  assert.equal(await svc.getFunction()(2, 3), 6);
  await rejects(svc.fail(new RangeError("first")).foo.bar(), { name: "RangeError", message: "first" });
  const resolved = svc.withCounter(1);
  await resolved;
  assert.equal(await resolved.counter.increment(1), 2);
  const disposed = svc.makeCounter(1);
  disposed[Symbol.dispose]();
  await rejects(disposed.increment(1), /RPC promise used after being disposed/);
  await later(20);
  assert.equal(sessions.at(-1).caller.idle, 1, "what comes for a disposed promise is disposed");
  await promise;
  clean();
});

test("promises and stubs as arguments", async () => {
  const { svc, ended, clean } = service();
  const { stub } = join(new Service());
  assert.equal(await stub.add(stub.later(2), stub.add(1, 1)), 4, "of the same session");
  assert.equal(await svc.add(svc.later(2), svc.object.fn(1)), 4, "of others");
  assert.equal(await svc.add(svc.promised, 1), 124);
  const counter = svc.makeCounter(1);
  assert.equal(await svc.increment(counter, 4), 5);
  const stubOfIt = await counter;
  assert.equal(await svc.increment(stubOfIt, 4), 9);
  assert.equal(await stubOfIt.value, 9, "the caller's stub is not disposed");
  await rejects(svc.add(svc.fail(new RangeError("arg")), 1), { name: "RangeError", message: "arg" });
  stubOfIt[Symbol.dispose]();
  assert.equal(await svc.callBack(svc.add, 1, 2), 3, "a property is read for the callee");
  assert.equal(await svc.callBack(() => ({ nested: svc.add(1, 2) })).catch((error) => error.name), "DataCloneError", "not in results");
  await ended();
  clean();
});

test("a stub comes home as the same target, and bindings can be sent", async () => {
  const { svc, ended } = service();
  const { binding } = bind(new Service());
  const counter = svc.makeCounter(1);
  const far = await svc.callBack(async (stub) => await stub.increment(1), counter);
  assert.equal(far, 2);
  counter[Symbol.dispose]();
  const echoed = await svc.echo(binding);
  assert.equal(await echoed.add(1, 2), 3);
  echoed[Symbol.dispose]();
  await ended();
});

test("disposal: parameters end with the call, dup() keeps, results dispose what is in them", async () => {
  const { svc, target, ended, clean } = service();
  const kept = new Counter(1);
  await svc.keep(kept);
  assert.equal(await svc.useKept(), 2);
  assert.equal(kept.disposed, 0);
  await svc.releaseKept();
  await until(() => kept.disposed === 1);
  const lost = new Counter(1);
  await svc.keepWithoutDup(lost);
  await rejects(svc.useKept(), /RPC stub used after being disposed/);
  await until(() => lost.disposed === 1);
  const result = await svc.withCounter(5);
  assert.equal(Object.keys(result).length, 2);
  const kept2 = result.counter.dup();
  result[Symbol.dispose]();
  await rejects(result.counter.increment(1), /disposed/);
  await rejects(result.list[1].deep.increment(1), /disposed/);
  assert.equal(await kept2.increment(1), 6);
  kept2[Symbol.dispose]();
  kept2[Symbol.dispose]();
  const map = await svc.map();
  assert.equal(await map.get("a").increment(1), 2);
  assert.equal(await [...map.keys()][1].increment(1), 3);
  map[Symbol.dispose]();
  const disposable = await svc.withDisposer();
  await later();
  assert.equal(target.disposals, 0);
  disposable[Symbol.dispose]();
  disposable[Symbol.dispose]();
  await until(() => target.disposals === 1);
  const plain = await svc.echo({ x: 1 });
  plain[Symbol.dispose]();
  await ended();
  clean();
});

test("errors: built-in types, messages, causes, no stacks", async () => {
  const { svc, ended } = service();
  for (const Type of [Error, TypeError, RangeError, SyntaxError, URIError, EvalError, ReferenceError]) {
    const sent = new Type("m", { cause: new Error("inner") });
    sent.code = 7;
    sent.stack = "SECRET";
    const got = await svc.fail(sent).catch((error) => error);
    assert.equal(Object.getPrototypeOf(got), Type.prototype);
    assert.deepEqual([got.message, got.cause.message, got.code, got.remote], ["m", "inner", 7, true]);
    assert.ok(!got.stack.includes("SECRET"));
  }
  const value = await svc.echo({ error: Object.assign(new Error("v"), { stack: "SECRET" }) });
  assert.deepEqual([value.error.message, value.error.remote, value.error.stack.includes("SECRET")], ["v", undefined, false]);
  const own = new Error("x");
  own.name = "MyError";
  own.cause = own;
  const got = await svc.fail(own).catch((error) => error);
  assert.deepEqual([got.name, got instanceof Error, got.cause === got], ["MyError", true, true]);
  const dom = await svc.fail(new DOMException("gone", "NotFoundError")).catch((error) => error);
  assert.deepEqual([dom instanceof DOMException, dom.name, dom.message], [true, "NotFoundError", "gone"]);
  const all = await svc.fail(new AggregateError([new RangeError("r")], "all")).catch((error) => error);
  assert.equal(all.errors[0].message, "r");
  assert.deepEqual(await svc.throwValue().catch((thrown) => ({ ...thrown })), { code: 7 });
  assert.equal(await svc.fail("text").catch((thrown) => thrown), "text");
  assert.equal(await svc.fail().catch((thrown) => thrown), undefined);
  await ended();
});

test("streams, with flow control", async () => {
  const { svc, ended, clean } = service();
  const text = new ReadableStream({
    start(controller) {
      controller.enqueue("a");
      controller.enqueue("b");
      controller.close();
    },
  });
  assert.equal(await svc.readAll(text), "ab");
  let pulled = 0;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(100_000).fill(1));
    },
  });
  const back = await svc.echo(endless);
  await later(50);
  assert.ok(pulled < 12, `${pulled} chunks were read ahead`);
  const reader = back.getReader({ mode: "byob" });
  let read = 0;
  while (read < 2_000_000) {
    const { value } = await reader.read(new Uint8Array(50_000));
    assert.equal(value[0], 1);
    read += value.length;
  }
  await reader.cancel("enough");
  const written = [];
  let closed = false;
  const writable = new WritableStream({
    write: (chunk) => written.push(Buffer.from(chunk).toString()),
    close: () => (closed = true),
  });
  await svc.write(writable);
  assert.deepEqual([written.join(""), closed], ["foo, bar, baz!", true]);
  const failing = new WritableStream({
    write() {
      throw new Error("boom");
    },
  });
  await rejects(svc.write(failing), { message: "boom" });
  const broken = new ReadableStream({
    pull() {
      throw new RangeError("broken source");
    },
  }, { highWaterMark: 0 });
  await rejects(svc.readAll(broken), { message: "broken source" });
  const locked = new ReadableStream();
  locked.getReader();
  await rejects(svc.readAll(locked), { name: "TypeError", message: "The ReadableStream has been locked to a reader." });
  const writableBack = await svc.echo(new WritableStream({ write: (chunk) => written.push(chunk) }));
  const writer = writableBack.getWriter();
  await writer.write({ plain: [1] });
  await writer.close();
  assert.deepEqual(written.at(-1), { plain: [1] });
  await ended();
  clean();
});

test("Request, Response, Headers and AbortSignal", async () => {
  const { svc, ended } = service();
  const response = await svc.echo(new Response("body", { status: 201, headers: { a: "b" } }));
  assert.deepEqual([response.status, response.headers.get("a"), await response.text()], [201, "b", "body"]);
  assert.equal((await svc.echo({ h: new Headers({ x: "y" }) })).h.get("x"), "y");
  const request = await svc.echo(new Request("http://a/", { method: "POST", body: "text" }));
  assert.deepEqual([request.url, await request.text()], ["http://a/", "text"]);
  assert.deepEqual(await svc.isAborted(AbortSignal.abort(new Error("why"))), [true, "why"]);
  assert.deepEqual(await svc.isAborted(new AbortController().signal), [false, undefined]);
  const controller = new AbortController();
  const waiting = svc.waitForAbort(controller.signal);
  waiting.catch(() => {});
  await later();
  controller.abort(new Error("now"));
  assert.equal(await waiting, "now");
  await ended();
});

test("stubs of targets in the same isolate", async () => {
  class Plain extends RpcTarget {
    increment(by) {
      return by + 1;
    }
  }
  const counter = new Counter(4);
  const stub = new RpcStub(counter);
  assert.equal(await stub.increment(5), 9);
  const copy = stub.dup();
  stub[Symbol.dispose]();
  await rejects(stub.increment(1), /disposed/);
  assert.equal(await copy.increment(1), 10);
  assert.equal(counter.disposed, 0);
  copy[Symbol.dispose]();
  await until(() => counter.disposed === 1);
  const sum = new RpcStub((a, b) => a + b);
  assert.equal(await sum(1, 2), 3);
  assert.equal(await new RpcStub(new Proxy(new Plain(), {})).increment(1), 2);
  for (const bad of [1, null, undefined, new Map(), new NotATarget()]) {
    assert.throws(() => new RpcStub(bad), /can only wrap/);
  }
  assert.equal(new RpcStub(class {}).then, undefined);
  const { svc, ended } = service();
  const proxied = await svc.echo({ p: new Proxy({ hi: () => "hi" }, {}) });
  assert.equal(await proxied.p.hi(), "hi");
  proxied[Symbol.dispose]();
  await ended();
});

test("a broken session fails all that waits, and tells", async () => {
  const { stub, caller, callee } = join(new Service());
  const held = new Counter(1);
  await stub.keep(held);
  const counter = await stub.makeCounter(1);
  const told = [];
  counter.onRpcBroken((error) => told.push(error.message));
  const never = stub.never();
  const pipelined = never.foo.bar();
  const stream = await stub.echo(new ReadableStream({ type: "bytes" }));
  const reading = stream.getReader().read();
  caller.session.broken(new Error("gone"));
  callee.session.broken(new Error("gone"));
  for (const promise of [never, pipelined, reading, counter.increment(1), stub.add(1, 2)]) {
    await rejects(promise, { message: "gone" });
  }
  await until(() => held.disposed === 1);
  assert.deepEqual(told, ["gone"]);
  counter.onRpcBroken((error) => told.push(error.message));
  await until(() => told.length === 2);
  counter[Symbol.dispose]();
  assert.deepEqual([caller.idle, callee.idle], [0, 0]);
});

test("a session lasts as long as something of it does", async () => {
  const { svc, sessions, ended } = service();
  const counter = await svc.makeCounter(1);
  await later(20);
  assert.deepEqual([sessions[0].caller.idle, sessions[0].callee.idle], [0, 0]);
  counter[Symbol.dispose]();
  await ended();
  const { binding } = bind(new Service(), { fetch: () => "own", get name() { return "n"; } });
  assert.deepEqual([binding.fetch(), binding.name, binding.then], ["own", "n", undefined]);
  await rejects(rpc.makeRootProxy(() => {
    throw new Error("no session");
  }, {}).foo(), { message: "no session" });
});
