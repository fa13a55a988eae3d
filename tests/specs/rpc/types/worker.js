import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

class NotATarget {
  method() {}
}

export class Far extends WorkerEntrypoint {
  echo(value) {
    return value;
  }
  describe(value) {
    return [Object.prototype.toString.call(value), String(value)];
  }
  give(what) {
    switch (what) {
      case "instance":
        return new NotATarget();
      case "within":
        return { deep: [new NotATarget()] };
      case "null prototype":
        return Object.create(null);
      case "symbol":
        return Symbol("s");
      case "weak":
        return new WeakMap();
      case "promise":
        return { later: Promise.resolve(5) };
    }
  }
  async *generate() {
    yield 1;
  }
  *generateSync() {
    yield 1;
  }
}

const echo = async (env, value) => await env.SELF.echo(value);

export default checks({
  "primitives": async (_, env) => {
    for (const value of [undefined, null, true, false, 0, -0, NaN, Infinity, 1.5, 10n ** 40n, "", "é😀\u0000", "x".repeat(100_000)]) {
      assert(Object.is(await echo(env, value), value), String(value).slice(0, 20));
    }
  },
  "plain objects and arrays": async (_, env) => {
    for (const value of [{}, [], [1, , 3], { a: { b: [{ c: null }] } }, { "": 1, "a b": 2, then_: 3 }, { a: undefined }]) equal(await echo(env, value), value);
    const value = { list: [] };
    value.list.push(value, value.list);
    const copy = await echo(env, value);
    assert(copy.list[0] === copy && copy.list[1] === copy.list);
    assert(!Object.hasOwn(await echo(env, Object.defineProperty({}, "hidden", { value: 1, enumerable: false })), "hidden"));
  },
  "Map, Set, Date, RegExp": async (_, env) => {
    const map = new Map([["a", new Map([[1, 2]])], [{}, new Set([1, "b"])]]);
    equal([...(await echo(env, map)).values()], [...map.values()]);
    equal([await echo(env, new Set([1, [2]])), await echo(env, new Date(5)), String(await echo(env, /a+/giu))], [new Set([1, [2]]), new Date(5), "/a+/giu"]);
    assert(Number.isNaN((await echo(env, new Date(NaN))).getTime()));
  },
  "bytes": async (_, env) => {
    for (const Type of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
      equal(await echo(env, new Type([1, 2, 3])), new Type([1, 2, 3]));
    }
    equal(await echo(env, new BigInt64Array([1n, -1n])), new BigInt64Array([1n, -1n]));
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    equal([await echo(env, buffer), (await echo(env, new DataView(buffer, 1, 2))).byteLength, buffer.byteLength], [buffer, 2, 4]);
    const [one, two] = await echo(env, [new Uint8Array(buffer, 0, 2), new Uint8Array(buffer, 2)]);
    assert(one.buffer === two.buffer);
  },
  "errors": async (_, env) => {
    for (const Type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const error = await echo(env, new Type("text", { cause: "why" }));
      assert(error instanceof Type, Type.name);
      equal([error.name, error.message, error.cause], [Type.name, "text", "why"]);
    }
    const dom = await echo(env, new DOMException("text", "AbortError"));
    equal([dom.name, dom.message], ["AbortError", "text"]);
    const own = await echo(env, Object.assign(new Error("text"), { code: 5, more: { a: [1] } }));
    equal([own.code, own.more], [5, { a: [1] }]);
    class Custom extends Error {
      name = "Custom";
    }
    const custom = await echo(env, new Custom("text"));
    assert(custom instanceof Error && custom.message === "text");
  },
  "boxed values": async (_, env) => equal([String(await echo(env, Object(5))), typeof (await echo(env, Object("a")))], ["5", "object"]),
  "Request, Response, Headers": async (_, env) => {
    const headers = new Headers([["a", "1"], ["set-cookie", "b"], ["set-cookie", "c"]]);
    equal([...(await echo(env, headers))], [...headers]);
    const request = await echo(env, new Request("http://x/y", { method: "POST", body: "text", headers: { "x-a": "1" }, redirect: "manual" }));
    equal([request.method, request.url, request.headers.get("x-a"), request.redirect, await request.text()], ["POST", "http://x/y", "1", "manual", "text"]);
    const response = await echo(env, new Response("text", { status: 404, statusText: "No", headers: { "x-a": "1" } }));
    equal([response.status, response.statusText, response.headers.get("x-a"), await response.text()], [404, "No", "1", "text"]);
    equal([(await echo(env, new Response(null, { status: 204 }))).body, (await echo(env, new Request("http://x/"))).body], [null, null]);
    const { within } = await echo(env, { within: [new Response("inner")] });
    equal(await within[0].text(), "inner");
  },
  "class instances are refused": async (_, env) => {
    for (const value of [new NotATarget(), { a: [new NotATarget()] }, Object.create(null), Object.create({ inherited: 1 })]) {
      await throws(() => echo(env, value), "DataCloneError");
    }
    for (const what of ["instance", "within", "null prototype"]) await throws(() => env.SELF.give(what), "DataCloneError");
  },
  "symbols, weak maps and proxies of others are refused": async (_, env) => {
    for (const value of [Symbol("s"), new WeakMap(), new WeakSet(), new Proxy(new NotATarget(), {})]) await throws(() => echo(env, value), "DataCloneError");
    for (const what of ["symbol", "weak"]) await throws(() => env.SELF.give(what), "DataCloneError");
  },
  "generators are refused": async (_, env) => {
    await throws(() => env.SELF.generate(), "DataCloneError");
    await throws(() => env.SELF.generateSync(), "DataCloneError");
    await throws(() => echo(env, (function* () {})()), "DataCloneError");
  },
  "a refusal leaves the binding as it is": async (_, env) => {
    await throws(() => echo(env, new WeakMap()), "DataCloneError");
    equal(await echo(env, 1), 1);
  },
});
