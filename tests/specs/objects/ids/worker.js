import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  own() {
    const { id } = this.ctx;
    return [id.toString(), id.name, id.jurisdiction, `${id}` === id.toString()];
  }
}

export class Hall extends DurableObject {}

export default checks({
  "an id of a name": async (_, env) => {
    const id = env.ROOMS.idFromName("a");
    equal([id.name, id.jurisdiction, /^[0-9a-f]{64}$/.test(id.toString())], ["a", undefined, true]);
    assert(id.equals(env.ROOMS.idFromName("a")) && !id.equals(env.ROOMS.idFromName("b")));
    assert(id !== env.ROOMS.idFromName("a"));
  },
  "names are any text": async (_, env) => {
    const names = ["", " ", "a", "A", "\u0000", "é", "e\u0301", "😀", "x".repeat(5000)];
    const ids = names.map((name) => env.ROOMS.idFromName(name).toString());
    equal(new Set(ids).size, names.length);
    equal(env.ROOMS.idFromName(5).name, "5");
    await throws(() => env.ROOMS.idFromName(), "TypeError");
    await throws(() => env.ROOMS.getByName(), "TypeError");
  },
  "an id of a text has no name": async (_, env) => {
    const id = env.ROOMS.idFromName("a");
    const read = env.ROOMS.idFromString(id.toString().toUpperCase());
    equal([read.toString(), read.name, read.equals(id)], [id.toString(), undefined, true]);
  },
  "texts that are no ids": async (_, env) => {
    const text = env.ROOMS.idFromName("a").toString();
    for (const wrong of ["", "a", text.slice(1), `${text}0`, text.replace(/^./, "g"), text.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))]) {
      await throws(() => env.ROOMS.idFromString(wrong), "TypeError");
    }
    await throws(() => env.ROOMS.idFromString(), "TypeError");
  },
  "unique ids differ and have no name": async (_, env) => {
    const ids = Array.from({ length: 100 }, () => env.ROOMS.newUniqueId());
    equal(new Set(ids.map(String)).size, 100);
    equal([ids[0].name, ids[0].jurisdiction], [undefined, undefined]);
  },
  "ids are of one namespace": async (_, env) => {
    const hall = env.HALLS.idFromName("a");
    assert(hall.toString() !== env.ROOMS.idFromName("a").toString());
    await throws(() => env.ROOMS.get(hall), "TypeError");
    await throws(() => env.ROOMS.idFromString(hall.toString()), "TypeError");
    for (const wrong of [undefined, null, "a", hall.toString(), {}]) await throws(() => env.ROOMS.get(wrong), "TypeError");
  },
  "equality wants an id": async (_, env) => {
    const id = env.ROOMS.idFromName("a");
    await throws(() => id.equals(id.toString()), "TypeError");
    await throws(() => new id.constructor(), "TypeError");
    await throws(() => structuredClone(id), "DataCloneError");
  },
  "the object knows its own": async (_, env) => {
    const named = env.ROOMS.idFromName("a");
    equal(await env.ROOMS.get(named).own(), [named.toString(), "a", undefined, true]);
    const unique = env.ROOMS.newUniqueId();
    equal(await env.ROOMS.get(unique).own(), [unique.toString(), undefined, undefined, true]);
  },
});
