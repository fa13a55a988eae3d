import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  async fetch(request) {
    return Response.json([request.method, request.url, request.headers.get("x-a"), await request.text()]);
  }
  greet(name) {
    return `${this.ctx.id.name} greets ${name}`;
  }
  async pass(other) {
    return await other.greet("a stub");
  }
  itself() {
    return this.env.ROOMS.getByName("b");
  }
}

const HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"];

export default checks({
  "id and name": async (_, env) => {
    const id = env.ROOMS.idFromName("a");
    const stub = env.ROOMS.get(id);
    assert(stub.id === id && stub.name === "a");
    const unnamed = env.ROOMS.get(env.ROOMS.newUniqueId());
    equal([unnamed.name, unnamed.id.name], [undefined, undefined]);
  },
  "a stub is no promise": async (_, env) => {
    const stub = await env.ROOMS.getByName("a");
    equal([stub.then, stub.name], [undefined, "a"]);
  },
  "location hints": async (_, env) => {
    for (const locationHint of HINTS) equal(await env.ROOMS.getByName("a", { locationHint }).greet(1), "a greets 1");
    equal(await env.ROOMS.get(env.ROOMS.idFromName("a"), { locationHint: undefined }).greet(1), "a greets 1");
    for (const locationHint of ["", "moon", "WEUR", null]) await throws(() => env.ROOMS.getByName("a", { locationHint }), "RangeError");
  },
  "routing modes": async (_, env) => {
    equal(await env.ROOMS.getByName("a", { routingMode: "primary-only" }).greet(2), "a greets 2");
    await throws(() => env.ROOMS.getByName("a", { routingMode: "any" }), "RangeError");
  },
  "fetch with a Request, a URL and options": async (_, env) => {
    const stub = env.ROOMS.getByName("a");
    const request = new Request("http://room/x", { method: "PUT", body: "b", headers: { "x-a": "1" } });
    equal(await (await stub.fetch(request)).json(), ["PUT", "http://room/x", "1", "b"]);
    equal(await (await stub.fetch(new URL("https://room/y?z"))).json(), ["GET", "https://room/y?z", null, ""]);
    equal(await (await stub.fetch("http://room/", { method: "POST", body: "c" })).json(), ["POST", "http://room/", null, "c"]);
    await throws(() => stub.fetch("/relative"), "TypeError");
    await throws(() => stub.fetch(), "TypeError");
  },
  "stubs go over RPC": async (_, env) => {
    equal(await env.ROOMS.getByName("a").pass(env.ROOMS.getByName("c")), "c greets a stub");
    using other = await env.ROOMS.getByName("a").itself();
    equal(await other.greet("me"), "b greets me");
    equal(await env.ROOMS.getByName("a").itself().greet("ahead"), "b greets ahead");
  },
  "what there is not": async (_, env) => await throws(() => env.ROOMS.getByName("a").missing(), "TypeError"),
});
