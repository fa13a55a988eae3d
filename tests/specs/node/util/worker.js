import util, { callbackify, deprecate, format, inherits, inspect, isDeepStrictEqual, parseArgs, promisify, stripVTControlCharacters, types } from "node:util";
import { isRegExp } from "node:util/types";
import sys from "node:sys";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "inspect": () => {
    equal(util.inspect({ a: 1, b: [1, "x"], c: new Map([["k", { d: null }]]) }), "{ a: 1, b: [ 1, 'x' ], c: Map(1) { 'k' => { d: null } } }");
    equal(inspect(new (class Thing { x = 1; })()), "Thing { x: 1 }");
    equal(inspect({ [inspect.custom]: () => "mine" }), "mine");
    const loop = {};
    loop.self = loop;
    equal(inspect(loop), "<ref *1> { self: [Circular *1] }");
    equal(inspect({ a: { b: { c: { d: 1 } } } }, { depth: 1 }), "{ a: { b: [Object] } }");
    equal(inspect(Buffer.from("ab")), "<Buffer 61 62>");
  },
  "format": () => {
    equal(format("%s %d %j %o %%", "a", 5, { x: 1 }, [1]), 'a 5 {"x":1} [ 1, [length]: 1 ] %');
    equal(format("x", { y: 1 }), "x { y: 1 }");
  },
  "promisify and callbackify": async () => {
    equal(await promisify((a, callback) => callback(null, a + 1))(1), 2);
    await throws(() => promisify((callback) => callback(new RangeError("no")))(), "RangeError");
    equal(await new Promise((resolve) => callbackify(async (a) => a * 2)(4, (error, value) => resolve([error, value]))), [null, 8]);
    equal(await promisify(setTimeout)(1, "late"), "late");
  },
  "inherits": () => {
    function A() {}
    function B() {}
    inherits(B, A);
    assert(new B() instanceof A && B.super_ === A);
  },
  "equality": () => {
    equal([isDeepStrictEqual({ a: [1] }, { a: [1] }), isDeepStrictEqual([1], ["1"]), isDeepStrictEqual(new Set([1]), new Set([1]))], [true, false, true]);
  },
  "types": () => {
    equal([types.isPromise(Promise.resolve()), types.isDate(new Date()), isRegExp(/x/), types.isProxy(new Proxy({}, {})), types.isUint8Array(Buffer.alloc(1))], [true, true, true, true, true]);
    assert(types.isRegExp === isRegExp);
  },
  "parseArgs": () => {
    const { values, positionals } = parseArgs({ args: ["-f", "--bar", "b", "c"], options: { f: { type: "boolean", short: "f" }, bar: { type: "string" } }, allowPositionals: true });
    equal([values.f, values.bar, positionals], [true, "b", ["c"]]);
  },
  "the rest": () => {
    equal(stripVTControlCharacters("\u001b[31mred\u001b[0m"), "red");
    equal(deprecate(() => 5, "old")(), 5);
    equal(util.parseEnv("A=1\nB=\"x y\" # no\n# c\nexport C='d'"), { A: "1", B: "x y", C: "d" });
    equal(util.toUSVString("a\ud800"), "a\ufffd");
    equal(new util.TextDecoder().decode(new util.TextEncoder().encode("x")), "x");
    equal(util.styleText("red", "x", { validateStream: false }), "\u001b[31mx\u001b[39m");
    assert(sys === util);
  },
});
