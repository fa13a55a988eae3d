import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  who() {
    return [this.ctx.id.toString(), this.ctx.id.name, this.ctx.id.jurisdiction];
  }
  add() {
    const n = (this.ctx.storage.kv.get("n") ?? 0) + 1;
    this.ctx.storage.kv.put("n", n);
    return n;
  }
}

const ALL = ["eu", "us", "fedramp", "fedramp-high"];

export default checks({
  "one name is another object in each": async (_, env) => {
    const spaces = [env.ROOMS, ...ALL.map((name) => env.ROOMS.jurisdiction(name))];
    equal(new Set(spaces.map((space) => space.idFromName("a").toString())).size, 5);
    equal(await Promise.all(spaces.map((space) => space.getByName("a").add())), [1, 1, 1, 1, 1]);
    equal(await env.ROOMS.jurisdiction("eu").getByName("a").add(), 2);
  },
  "ids tell theirs": async (_, env) => {
    for (const name of ALL) {
      const space = env.ROOMS.jurisdiction(name);
      const ids = [space.idFromName("a"), space.newUniqueId(), env.ROOMS.newUniqueId({ jurisdiction: name }), space.newUniqueId({ jurisdiction: name })];
      equal(ids.map((id) => id.jurisdiction), [name, name, name, name]);
      for (const id of ids) equal([env.ROOMS.idFromString(id.toString()).jurisdiction, space.idFromString(id.toString()).jurisdiction], [name, name]);
    }
  },
  "the object knows its own": async (_, env) => {
    const id = env.ROOMS.jurisdiction("eu").idFromName("b");
    equal(await env.ROOMS.get(id).who(), [id.toString(), "b", "eu"]);
  },
  "the whole namespace takes all ids": async (_, env) => {
    const id = env.ROOMS.jurisdiction("fedramp").newUniqueId();
    equal((await env.ROOMS.get(id).who())[0], id.toString());
    equal((await env.ROOMS.jurisdiction("fedramp").get(id).who())[0], id.toString());
  },
  "a jurisdiction takes its own alone": async (_, env) => {
    const eu = env.ROOMS.jurisdiction("eu");
    for (const id of [env.ROOMS.idFromName("a"), env.ROOMS.newUniqueId(), env.ROOMS.jurisdiction("us").idFromName("a")]) {
      await throws(() => eu.get(id), "TypeError");
      await throws(() => eu.idFromString(id.toString()), "TypeError");
    }
    await throws(() => eu.newUniqueId({ jurisdiction: "us" }), "TypeError");
    await throws(() => eu.jurisdiction("us"), "TypeError");
  },
  "there are no others": async (_, env) => {
    for (const name of ["de", "EU", "", "eu ", 5]) {
      await throws(() => env.ROOMS.jurisdiction(name), "TypeError");
      await throws(() => env.ROOMS.newUniqueId({ jurisdiction: name }), "TypeError");
    }
  },
  "nothing is none": async (_, env) => {
    for (const none of [undefined, null]) {
      equal(env.ROOMS.jurisdiction(none).idFromName("a").toString(), env.ROOMS.idFromName("a").toString());
      equal(env.ROOMS.newUniqueId({ jurisdiction: none }).jurisdiction, undefined);
    }
    assert(env.ROOMS.jurisdiction("eu").jurisdiction(null).idFromName("a").jurisdiction === undefined);
  },
});
