import { DurableObject, RpcTarget } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

class Session extends RpcTarget {
  #room;
  constructor(room) {
    super();
    this.#room = room;
  }
  say(text) {
    return `${this.#room.ctx.id.name}: ${text}`;
  }
}

export class Room extends DurableObject {
  born = crypto.randomUUID();
  async fetch(request) {
    return new Response(`${request.method} ${request.url} ${await request.text()}`, { status: 202 });
  }
  who() {
    return { id: this.ctx.id.toString(), name: this.ctx.id.name, born: this.born };
  }
  join() {
    return new Session(this);
  }
  fails() {
    throw new RangeError("no room");
  }
  async call(callback) {
    return await callback(this.ctx.id.name);
  }
  other(name) {
    return this.env.ROOMS.getByName(name).who();
  }
  abort() {
    this.ctx.abort("it was aborted");
  }
}

export default checks({
  "fetch": async (_, env) => {
    const answer = await env.ROOMS.getByName("a").fetch("http://room/x?y", { method: "POST", body: "text" });
    equal([answer.status, await answer.text()], [202, "POST http://room/x?y text"]);
  },
  "a name leads to one object": async (_, env) => {
    const id = env.ROOMS.idFromName("a");
    const [one, two, three] = [await env.ROOMS.get(id).who(), await env.ROOMS.getByName("a").who(), await env.ROOMS.getByName("b").who()];
    equal(one, two);
    equal([one.id, one.name, id.toString().length], [id.toString(), "a", 64]);
    assert(three.id !== one.id && three.born !== one.born);
  },
  "an id comes back from its text": async (_, env) => {
    const id = env.ROOMS.newUniqueId();
    const again = env.ROOMS.idFromString(id.toString());
    assert(id.equals(again) && !id.equals(env.ROOMS.newUniqueId()));
    equal((await env.ROOMS.get(again).who()).id, id.toString());
    await throws(() => env.ROOMS.idFromString("0".repeat(64)), "TypeError");
    await throws(() => env.ROOMS.idFromString("x"), "TypeError");
  },
  "references": async (_, env) => {
    using session = await env.ROOMS.getByName("a").join();
    equal(await session.say("hello"), "a: hello");
    equal(await env.ROOMS.getByName("b").join().say("ahead"), "b: ahead");
    equal(await env.ROOMS.getByName("b").call((name) => `called from ${name}`), "called from b");
  },
  "errors": async (_, env) => equal((await throws(() => env.ROOMS.getByName("a").fails(), "RangeError")).message, "no room"),
  "objects call each other": async (_, env) => equal((await env.ROOMS.getByName("a").other("b")).name, "b"),
  "one that was aborted is made again": async (_, env) => {
    const room = env.ROOMS.getByName("aborted");
    const { born } = await room.who();
    const error = await throws(() => room.abort());
    assert(error.message.includes("it was aborted"), error.message);
    assert((await room.who()).born !== born);
  },
  "many objects at once": async (_, env) => {
    const names = Array.from({ length: 100 }, (_, i) => `many ${i}`);
    equal((await Promise.all(names.map((name) => env.ROOMS.getByName(name).who()))).map((who) => who.name), names);
  },
});
