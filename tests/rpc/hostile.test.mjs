// The far side says what it likes: at most its own session ends.

import assert from "node:assert/strict";
import test from "node:test";
import v8 from "node:v8";

import { Counter, Service } from "./fixture.mjs";
import { hooksFor, join, later, rpc } from "./pair.mjs";

process.on("unhandledRejection", (error) => {
  throw error;
});

/** One side with nobody behind the channel: `say()` is what the far side sends. */
function alone(serve = true, hold = undefined) {
  const side = { idle: 0, logged: [], sent: [], closed: false };
  const channel = { send: (bytes) => side.sent.push(bytes), close: () => (side.closed = true) };
  const hooks = hooksFor(side);
  const session = serve ? rpc.serveSession(channel, new Service(), hooks) : rpc.openSession(channel, hooks);
  side.say = (...bytes) => session.receive(Uint8Array.from(bytes.flat()));
  side.stub = session.stub;
  return side;
}

const uint = (value) => {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) {
    bytes.push((value % 128) + 128);
  }
  return [...bytes, value];
};
const text = (value) => [...uint(Buffer.byteLength(value)), ...Buffer.from(value)];
const value = (content) => [1, ...v8.serialize(content)];
const callOf = (id, name, payload, target = [1, 0]) => [1, ...uint(id), payload === undefined ? 0 : 1, ...target, 1, ...text(name), ...(payload ?? [])];

function broke(side, why) {
  assert.equal(side.logged.length, 1, "one error");
  assert.match(side.logged[0].message, /broke the protocol/);
  assert.match(side.logged[0].message, why);
  assert.ok(side.closed);
}

test("ids that were never given, and counts that are too large", () => {
  const cases = [
    [[[]], /too short/],
    [[[99]], /unknown type/],
    [[callOf(2, "add", value([1]))], /out of order/],
    [[callOf(1, "add", value([1])), callOf(1, "add", value([1]))], /out of order/],
    [[callOf(1, "add", value([1]), [1, 7])], /not given/],
    [[callOf(1, "add", value([1]), [2, 1])], /not given/],
    [[callOf(1, "add", value([1]), [0, 0])], /not given/],
    [[[2, 1, 0, 0]], /no call/],
    [[[3, 1]], /never made/],
    [[callOf(1, "never"), [3, 1], [3, 1]], /twice/],
    [[[4, 0, 2]], /more often/],
    [[[4, 0, 0]], /more often/],
    [[[4, 9, 1]], /more often/],
    [[callOf(1, "never"), [4, 0, 1], [4, 0, 1]], /more often/],
    [[callOf(1, "never"), [3, 1], callOf(2, "foo", undefined, [2, 1])], /not given/],
    [[callOf(1, "echo", [2, 1, 0, 0, 1, 5, ...v8.serialize([0])])], /not given/],
    [[callOf(1, "echo", [2, 1, 0, 0, 2, 5, ...v8.serialize([0])])], /not given/],
    [[callOf(1, "echo", [2, 1, 0, 77, 0, 5, ...v8.serialize([0])])], /unknown kind/],
    [[callOf(1, "echo", [2, ...uint(70_000), 0])], /too many references/],
    [[callOf(1, "echo", [2, 1, 0, 4, 0, ...v8.serialize([0])])], /does not fit/],
    [[callOf(1, "echo", [2, 1, 0, 2, 2, 0, ...v8.serialize([0])])], /streams are out of order/],
    [[callOf(1, "echo", [9])], /unknown form/],
    [[[1, 1, 0, 1, 0, ...uint(1_000_000)]], /too deep/],
    [[[1, 1, 0, 1, 0, 1, ...uint(1_000_000), 65]], /too short/],
    [[[1, 255, 255, 255, 255, 255, 255, 255, 255, 255]], /too large/],
    [[[8, 2, 5]], /no stream/],
    [[[5, 3, 0, 1]], /no stream/],
    [[[4, 0, 1, 1]], /too long/],
  ];
  for (const [messages, why] of cases) {
    const side = alone();
    for (const message of messages) {
      side.say(message);
    }
    try {
      broke(side, why);
    } catch (error) {
      error.message += ` in ${JSON.stringify(messages)}: ${side.logged[0]?.message}`;
      throw error;
    }
  }
});

test("streams: more than was asked for, after the end, credit that nobody owes", async () => {
  const open = [2, 1, 0, 2, 1, 0, ...v8.serialize([["\u0000rpc:0"]])];
  for (const [messages, why] of [
    [[[8, 2, ...uint(300_000)]], /other side of a stream/],
    [[[6, 2], [8, 2, 1]], null],
    [[[5, 2, 0, ...new Uint8Array(300_000)], [5, 2, 0, 1]], /more than was asked for/],
  ]) {
    const side = alone();
    side.say(callOf(1, "never", open));
    for (const message of messages) {
      side.say(message);
    }
    if (why === null) {
      assert.deepEqual(side.logged, []);
    } else {
      broke(side, why);
    }
  }
  const side = alone(false);
  side.stub.echo(new ReadableStream()).catch(() => {});
  side.say([8, 3, ...uint(1)]);
  broke(side, /given back more/);
});

test("tables are bounded", { timeout: 60_000 }, async () => {
  const calls = alone();
  for (let i = 1; calls.logged.length === 0 && i < 70_000; i++) {
    calls.say(callOf(i, "never", value([])));
  }
  broke(calls, /65536 calls/);
  const imports = alone();
  let id = 1;
  for (let i = 1; imports.logged.length === 0 && i < 100; i++) {
    const specials = [];
    for (let j = 0; j < 1000; j++) {
      specials.push(0, 0, ...uint(id++));
    }
    imports.say(callOf(i, "never", [2, ...uint(1000), 0, ...specials, ...v8.serialize([[]])]));
  }
  broke(imports, /65536 references/);
});

test("values that lie about their references, or are no values", async () => {
  for (const payload of [
    [1, 1, 2, 3],
    [1],
    value("no list"),
    value({ length: 1e9 }),
    [2, 0, 0, ...v8.serialize([["\u0000rpc:0"]])],
    [2, 1, 1, 4, 0, ...v8.serialize([["\u0000rpc:5"], ["Error", "x", "m", {}]])],
    [2, 1, 1, 4, 0, ...v8.serialize([["\u0000rpc:0"], "no error"])],
    [2, 1, 1, 5, 0, ...v8.serialize([["\u0000rpc:0"], 5])],
    [2, 1, 1, 4, 0, ...v8.serialize([["\u0000rpc:0"]])],
  ]) {
    const side = alone();
    side.say(callOf(1, "echo", payload));
    await later(1);
    assert.equal(side.sent.length, 1, JSON.stringify(payload));
    assert.equal(side.sent[0][2] & 1, 1, "the call fails");
    assert.deepEqual(side.logged, []);
    side.say(callOf(2, "add", value([1, 2])));
    await later(1);
    assert.equal(side.sent[1][2], 0, "others go on");
  }
});

test("deep values, sparse arrays, prototype keys", async () => {
  let deep = {};
  for (let i = 0; i < 400; i++) {
    deep = [deep];
  }
  const { stub } = join(new Service());
  (await stub.echo(deep))[Symbol.dispose]();
  const withFunction = await stub.echo({ deep, fn: () => 1 });
  withFunction[Symbol.dispose]();
  const side = alone();
  const sparse = [];
  sparse[4_000_000_000] = "\u0000rpc:0";
  const started = performance.now();
  side.say(callOf(1, "echo", [2, 1, 0, 0, 0, 5, ...v8.serialize([[sparse]])]));
  await later(1);
  assert.ok(performance.now() - started < 2000);
  const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"x":"\\u0000rpc:0"}');
  side.say(callOf(2, "echo", [2, 1, 0, 0, 0, 6, ...v8.serialize([[evil]])]));
  await later(1);
  assert.equal({}.polluted, undefined);
  assert.deepEqual(side.logged, []);
});

test("a callee that answers what it likes", async () => {
  for (const [answer, why] of [
    [[2, 1, 0, 1, 1, 2, 3], null],
    [[2, 1, 3, 0], null],
    [[2, 1, 0, 2, 1, 0, 1, 1, 9, 0, ...v8.serialize(["\u0000rpc:0"])], /not given/],
    [[2, 1, 0, 2, 1, 0, 3, 1, ...v8.serialize(["\u0000rpc:0"])], null],
  ]) {
    const side = alone(false);
    const promise = side.stub.add(1, 2);
    const settled = promise.then(() => "value", () => "error");
    side.say(answer);
    assert.match(await settled, /value|error/);
    if (why !== null) {
      broke(side, why);
    }
  }
});

// A generator with a seed, so that what fails can be had again.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

test("random bytes", async () => {
  for (let seed = 1; seed <= 3000; seed++) {
    const next = random(seed * 7919);
    const side = alone(seed % 2 === 0);
    if (seed % 2 === 1) {
      Promise.resolve(side.stub.add(1)).catch(() => {});
    }
    for (let i = 0; i < 8 && !side.closed; i++) {
      const message = Array.from({ length: next(40) }, () => next(next(2) ? 256 : 12));
      message[0] = next(12);
      side.say(message);
    }
    for (const error of side.logged) {
      assert.match(error.message, /broke the protocol/, `seed ${seed}: ${error.stack}`);
    }
  }
  await later(20);
});

test("messages of a real session, changed on the way", { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed * 104729);
    const target = new Service();
    const { stub, caller, callee } = join(target, (bytes) => {
      const messages = [bytes];
      switch (next(12)) {
        case 0: {
          const changed = Uint8Array.from(bytes);
          changed[next(changed.length)] ^= 1 << next(8);
          messages[0] = changed;
          break;
        }
        case 1:
          messages[0] = bytes.slice(0, next(bytes.length));
          break;
        case 2:
          messages.push(bytes);
          break;
        case 3:
          messages[0] = Uint8Array.from([...bytes, next(256)]);
          break;
      }
      return messages;
    });
    const outcomes = [
      stub.add(1, 2),
      stub.echo({ a: [1, { fn: () => 1 }], error: new Error("x") }),
      stub.makeCounter(1).increment(1),
      stub.increment(new Counter(1), 1),
      stub.map(),
      stub.echo(new ReadableStream({ start: (controller) => controller.close() })),
      stub.fail(new RangeError("x")),
    ].map((promise) => Promise.race([promise.then(() => 1, () => 0), later(1500)]));
    setTimeout(() => {
      caller.session.broken(new Error("end"));
      callee.session.broken(new Error("end"));
    }, 20);
    for (const outcome of await Promise.all(outcomes)) {
      assert.ok(outcome === 0 || outcome === 1, `seed ${seed}: a call hangs`);
    }
    for (const error of [...caller.logged, ...callee.logged]) {
      assert.match(error.message, /broke the protocol/, `seed ${seed}: ${error.stack}`);
    }
  }
  assert.equal({}.polluted, undefined);
});

test("a long chain of calls on results to come", async () => {
  const side = alone();
  side.say(callOf(1, "later", value([1])));
  const length = 20_000;
  for (let i = 2; i <= length; i++) {
    side.say(callOf(i, "foo", value([]), [2, ...uint(i - 1)]));
  }
  await later(200);
  side.say(callOf(length + 1, "add", value([1, 2])));
  await later(50);
  assert.equal(side.sent.length, length + 1);
  assert.equal(side.sent.at(-1)[0], 2);
  assert.deepEqual(side.logged, []);
  assert.equal(side.closed, false);
});
