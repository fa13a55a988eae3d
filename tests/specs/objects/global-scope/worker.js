import { DurableObject, env } from "cloudflare:workers";
import { assert, checks, equal } from "../../check.js";

export class Room extends DurableObject {
  who() {
    return this.ctx.id.name;
  }
  fetch() {
    return new Response("fetched");
  }
}

const id = env.ROOMS.idFromName("made at the start");
const stub = env.ROOMS.get(id);
const refusals = [];
for (const call of [() => env.ROOMS.getByName("a").who(), () => env.ROOMS.getByName("a").fetch("http://x/")]) {
  try {
    refusals.push(await call());
  } catch (error) {
    refusals.push(error.message);
  }
}

export default checks({
  "a stub of the global scope serves events": async () => {
    equal([await stub.who(), await (await stub.fetch("http://x/")).text()], ["made at the start", "fetched"]);
  },
  "calls there are refused": async () => {
    equal(refusals.length, 2);
    for (const refusal of refusals) assert(/global scope/.test(refusal), refusal);
  },
});
