import { WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Far extends WorkerEntrypoint {
  #secret = 1;
  own = "own";
  get version() {
    return 7;
  }
  get nested() {
    return { deep: { value: "found" } };
  }
  add(a, b) {
    return a + b;
  }
  echo(...values) {
    return values;
  }
  async later(ms, value) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return value;
  }
  props() {
    return this.ctx.props;
  }
  names() {
    return Object.keys(this.env);
  }
  instance() {
    return ++this.#secret;
  }
  fails() {
    throw new RangeError("too far");
  }
  failsOddly() {
    throw { odd: true };
  }
  async background() {
    this.ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)));
    return "done";
  }
}

export default checks({
  "a method answers": async (_, env) => equal(await env.SELF.add(1, 2), 3),
  "values are copied": async (_, env) => {
    const value = { a: [1, "two", null, undefined, 3n], date: new Date(5), map: new Map([[1, new Set([2])]]), bytes: new Uint8Array([1, 2, 3]) };
    equal(await env.SELF.echo(value, "x"), [value, "x"]);
  },
  "cycles stay": async (_, env) => {
    const value = { name: "a" };
    value.self = value;
    const [copy] = await env.SELF.echo(value);
    assert(copy.self === copy);
  },
  "asynchronous methods": async (_, env) => equal(await env.SELF.later(5, "later"), "later"),
  "getters are properties": async (_, env) => equal(await env.SELF.version, 7),
  "properties of what a getter gives": async (_, env) => equal(await env.SELF.nested.deep.value, "found"),
  "props of the binding": async (_, env) => equal(await env.SELF.props(), { role: "owner" }),
  "the far side has its env": async (_, env) => equal(await env.SELF.names(), ["SELF"]),
  "each call has an instance of its own": async (_, env) => equal([await env.SELF.instance(), await env.SELF.instance()], [2, 2]),
  "errors keep name and message": async (_, env) => equal((await throws(() => env.SELF.fails(), "RangeError")).message, "too far"),
  "what is no error is thrown as well": async (_, env) => assert((await throws(() => env.SELF.failsOddly())) !== undefined),
  "own properties cannot be reached": async (_, env) => assert((await throws(() => env.SELF.own, "TypeError")).message.includes('"own"')),
  "nor what there is not": async (_, env) => assert((await throws(() => env.SELF.missing(), "TypeError")).message.includes('"missing"')),
  "nor what is inherited from Object": async (_, env) => await throws(() => env.SELF.hasOwnProperty("a"), "TypeError"),
  "nor lifecycle methods": async (_, env) => await throws(() => env.SELF.alarm(), "TypeError"),
  "what cannot be cloned is refused": async (_, env) => {
    const error = await throws(() => env.SELF.echo(new WeakMap()));
    equal(error.name, "DataCloneError", error.stack);
  },
  "work after the answer": async (_, env) => equal(await env.SELF.background(), "done"),
  "many at once": async (_, env) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, i) => env.SELF.add(i, i)));
    equal(sums, Array.from({ length: 20 }, (_, i) => 2 * i));
  },
  "a large value": async (_, env) => {
    const bytes = new Uint8Array(3_000_000).fill(7);
    const [copy] = await env.SELF.echo(bytes);
    equal([copy.length, copy[2_999_999]], [3_000_000, 7]);
  },
});
