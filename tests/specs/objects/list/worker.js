import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const keys = async (storage, options) => {
  const [map, pairs] = [await storage.list(options), [...storage.kv.list(options)]];
  assert(map instanceof Map);
  equal([...map], pairs, "the same without promises");
  return [...map.keys()].join("");
};

const fill = (storage) => storage.put(Object.fromEntries([..."abcdef"].map((key, index) => [key, index])));

export class Room extends inside({
  "all": async ({ storage }) => {
    equal(await keys(storage), "");
    await fill(storage);
    equal([await keys(storage), await keys(storage, {}), [...(await storage.list())][1]], ["abcdef", "abcdef", ["b", 1]]);
  },
  "start, startAfter and end": async ({ storage }) => {
    await fill(storage);
    equal([await keys(storage, { start: "c" }), await keys(storage, { startAfter: "c" }), await keys(storage, { end: "c" })], ["cdef", "def", "ab"]);
    equal([await keys(storage, { start: "b", end: "d" }), await keys(storage, { startAfter: "b", end: "d" })], ["bc", "c"]);
    equal([await keys(storage, { start: "bb" }), await keys(storage, { end: "bb" }), await keys(storage, { start: "d", end: "b" })], ["cdef", "ab", ""]);
    equal([await keys(storage, { start: "" }), await keys(storage, { startAfter: "" }), await keys(storage, { end: "" })], ["abcdef", "abcdef", ""]);
    await throws(() => storage.list({ start: "a", startAfter: "b" }), "TypeError");
  },
  "limit and reverse": async ({ storage }) => {
    await fill(storage);
    equal([await keys(storage, { limit: 2 }), await keys(storage, { reverse: true }), await keys(storage, { reverse: true, limit: 2 })], ["ab", "fedcba", "fe"]);
    equal([await keys(storage, { start: "b", end: "e", reverse: true, limit: 2 }), await keys(storage, { startAfter: "b", reverse: true })], ["dc", "fedc"]);
    equal([await keys(storage, { limit: 100 }), await keys(storage, { limit: undefined, reverse: undefined })], ["abcdef", "abcdef"]);
    for (const limit of [0, -1, NaN]) await throws(() => storage.list({ limit }), "TypeError");
  },
  "prefix": async ({ storage }) => {
    await storage.put({ a: 1, "a:": 2, "a:1": 3, "a:2": 4, "a;": 5, b: 6 });
    const of = async (options) => [...(await storage.list(options)).keys()];
    equal(await of({ prefix: "a:" }), ["a:", "a:1", "a:2"]);
    equal(await of({ prefix: "" }), ["a", "a:", "a:1", "a:2", "a;", "b"]);
    equal([await of({ prefix: "a:", start: "a:2" }), await of({ prefix: "a:", end: "a:2" }), await of({ prefix: "a:", startAfter: "a:" })], [["a:2"], ["a:", "a:1"], ["a:1", "a:2"]]);
    equal([await of({ prefix: "a:", start: "b" }), await of({ prefix: "a:", end: "a" }), await of({ prefix: "x" })], [[], [], []]);
    equal([await of({ prefix: "a:", start: "", end: "z", reverse: true, limit: 1 })], [["a:2"]]);
  },
  "the order is that of the bytes": async ({ storage }) => {
    const all = ["", "\u0000", "A", "Z", "a", "é", "\uffee", "😀"];
    for (const key of all.toReversed()) await storage.put(key, 1);
    equal([...(await storage.list()).keys()], all);
    equal([...(await storage.list({ prefix: "\uffee" })).keys()], ["\uffee"]);
    equal([...(await storage.list({ start: "\uffee" })).keys()], ["\uffee", "😀"]);
  },
  "thousands": async ({ storage }) => {
    const all = Array.from({ length: 3000 }, (_, i) => `k${String(i).padStart(4, "0")}`);
    await storage.put(Object.fromEntries(all.map((key) => [key, "x".repeat(500)])));
    equal([...(await storage.list()).keys()], all);
    equal([...(await storage.list({ reverse: true })).keys()], all.toReversed());
    equal([...(await storage.list({ startAfter: "k1000", limit: 1500 })).keys()], all.slice(1001, 2501));
  },
  "the list without promises goes on while it is changed": async ({ storage }) => {
    await fill(storage);
    const seen = [];
    for (const [key] of storage.kv.list()) {
      seen.push(key);
      storage.kv.delete(key);
    }
    equal([seen.join(""), await keys(storage)], ["abcdef", ""]);
  },
}) {}

export default runInside("ROOMS");
