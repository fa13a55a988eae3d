import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  seen = [];
  ended = [];
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.id.name.startsWith("blocked")) {
      ctx.blockConcurrencyWhile(async () => {
        // Answers and timers are waited for; nothing else comes in.
        await scheduler.wait(30);
        await env.ROOMS.getByName("another").all();
        await scheduler.wait(30);
      });
    }
  }
  note(number) {
    this.seen.push(number);
    return number;
  }
  // Begins in its turn, and ends when it likes.
  async slowly(number, ms) {
    this.seen.push(number);
    await scheduler.wait(ms);
    this.ended.push(number);
    return number;
  }
  async fetch(request) {
    const number = Number(new URL(request.url).pathname.slice(1));
    this.seen.push(number);
    return new Response(`${number}:${(await request.text()).length}`);
  }
  get property() {
    this.seen.push("property");
    return "property";
  }
  all() {
    return this.seen;
  }
  allEnded() {
    return this.ended;
  }
  abort() {
    this.ctx.abort("on purpose");
  }
  async calls(name, count, written) {
    // What an object has written holds its calls back, and must not change their order.
    if (written) {
      this.ctx.storage.kv.put("written", Math.random());
    }
    const stub = this.env.ROOMS.getByName(name);
    const calls = upTo(count).map((number) => mixed(stub, number));
    await Promise.all(calls);
    return stub.all();
  }
}

const upTo = (count) => Array.from({ length: count }, (_, i) => i);

const streamed = () =>
  new ReadableStream({
    async start(controller) {
      await scheduler.wait(5);
      controller.enqueue(new TextEncoder().encode("late"));
      controller.close();
    },
  });

/** A call of one kind or another. */
function mixed(stub, number) {
  switch (number % 7) {
    case 0:
      return stub.fetch(`http://room/${number}`);
    case 1:
      return stub.slowly(number, 20 - number % 20);
    case 2:
      return stub.fetch(`http://room/${number}`, { method: "POST", body: "x".repeat(number === 2 ? 500_000 : 10) });
    case 3:
      return stub.note(number, "x".repeat(number === 3 ? 3_000_000 : 10));
    case 4:
      return stub.fetch(`http://room/${number}`, { method: "PUT", body: streamed() });
    default:
      return stub.note(number);
  }
}

export default checks({
  "of an object that is opened for them": async (_, env) => {
    for (let round = 0; round < 3; round++) {
      const stub = env.ROOMS.getByName(`cold ${round}`);
      equal(await Promise.all(upTo(100).map((number) => stub.note(number))), upTo(100));
      equal(await stub.all(), upTo(100));
    }
  },
  "by methods and fetch()": async (_, env) => {
    const stub = env.ROOMS.getByName("mixed");
    const answers = await Promise.all(upTo(100).map((number) => mixed(stub, number)));
    equal(await stub.all(), upTo(100));
    equal([await answers[0].text(), await answers[2].text(), await answers[4].text()], ["0:0", "2:500000", "4:4"]);
    assert((await stub.allEnded()).length === 15);
  },
  "of an object that lets nothing in yet": async (_, env) => {
    const stub = env.ROOMS.getByName("blocked");
    await Promise.all(upTo(100).map((number) => mixed(stub, number)));
    equal(await stub.all(), upTo(100));
  },
  "by several stubs for one object, and by properties": async (_, env) => {
    const [one, two] = [env.ROOMS.getByName("two"), env.ROOMS.get(env.ROOMS.idFromName("two"))];
    await Promise.all([one.note(0), two.note(1), one.property.then(String), one.fetch("http://room/3"), two.property.then(String), two.note(5)]);
    equal(await one.all(), [0, 1, "property", 3, "property", 5]);
  },
  "begin in their turn, and go on side by side": async (_, env) => {
    const stub = env.ROOMS.getByName("side by side");
    await Promise.all([stub.slowly(0, 300), stub.slowly(1, 1), stub.slowly(2, 150)]);
    equal([await stub.all(), await stub.allEnded()], [[0, 1, 2], [1, 2, 0]]);
  },
  "of an object that was aborted": async (_, env) => {
    const stub = env.ROOMS.getByName("aborted");
    await stub.note(-1);
    await throws(() => stub.abort());
    await Promise.all(upTo(100).map((number) => mixed(stub, number)));
    equal(await stub.all(), upTo(100));
  },
  "behind one that aborts the object": async (_, env) => {
    const stub = env.ROOMS.getByName("aborted meanwhile");
    const calls = [stub.note(-1), stub.abort(), ...upTo(100).map((number) => stub.note(number))];
    const settled = await Promise.allSettled(calls);
    assert(settled[1].status === "rejected");
    // Those that found the old one fail; the others find the new one, in order.
    for (const { reason } of settled.slice(2).filter(({ status }) => status === "rejected")) {
      assert(reason.durableObjectReset === true, String(reason));
    }
    equal(await stub.all(), settled.slice(2).filter(({ status }) => status === "fulfilled").map(({ value }) => value));
  },
  "by an object": async (_, env) => {
    const other = env.ROOMS.getByName("other");
    equal(await other.calls("called", 40, false), upTo(40));
    equal(await other.calls("called after a write", 40, true), upTo(40));
  },
  "whose arguments cannot be sent": async (_, env) => {
    const stub = env.ROOMS.getByName("unsent");
    const calls = [stub.note(0), stub.note(Symbol("no")), stub.note(1)];
    const settled = await Promise.allSettled(calls);
    equal(settled.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    equal([settled[1].reason.name, await stub.all()], ["DataCloneError", [0, 1]]);
  },
});
