import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

export class Room extends inside({
  "one": async ({ storage }) => {
    equal(await storage.get("a"), undefined);
    equal(await storage.put("a", 1), undefined);
    equal([await storage.get("a"), await storage.delete("a"), await storage.delete("a"), await storage.get("a")], [1, true, false, undefined]);
  },
  "many": async ({ storage }) => {
    equal(await storage.put({ c: 3, a: 1, b: undefined, d: null }), undefined);
    const found = await storage.get(["d", "c", "missing", "a", "b", "a"]);
    assert(found instanceof Map);
    equal([...found], [["a", 1], ["c", 3], ["d", null]]);
    equal([await storage.delete(["a", "missing", "c"]), [...(await storage.list()).keys()]], [2, ["d"]]);
    equal([[...(await storage.get([]))], await storage.delete([]), await storage.put({})], [[], 0, undefined]);
  },
  "options are taken": async ({ storage }) => {
    const options = { allowUnconfirmed: true, noCache: true, allowConcurrency: true };
    await storage.put("a", 1, options);
    await storage.put({ b: 2 }, options);
    equal([await storage.get("a", options), [...(await storage.get(["b"], options))], await storage.delete("a", options)], [1, [["b", 2]], true]);
    equal([...(await storage.list({ ...options, prefix: "b" }))], [["b", 2]]);
    await storage.setAlarm(Date.now() + 60_000, options);
    await storage.getAlarm(options);
    await storage.deleteAlarm(options);
    await storage.deleteAll(options);
  },
  "values are as they were": async ({ storage }) => {
    const values = [
      undefined, null, true, 0, -0, NaN, 1.5, -(2 ** 53), 10n ** 30n, "", "é😀\u0000", [], [1, , 3], {}, { a: { b: [1] } }, new Date(5), /a+/gi,
      new Map([[1, new Set(["x"])]]), new Uint8Array([1, 2, 3]), new Float64Array([0.5]).buffer, new RangeError("text"), Object(5), Object("s"),
    ];
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue;
      await storage.put(`${index}`, value);
      const read = await storage.get(`${index}`);
      equal(Object.prototype.toString.call(read), Object.prototype.toString.call(value), `value ${index}`);
      if (value instanceof Error) equal([read.name, read.message], ["RangeError", "text"]);
      else if (value instanceof RegExp || Object(value) === value && ["Number", "String"].includes(value.constructor.name)) equal(String(read), String(value));
      else if (!(value instanceof ArrayBuffer)) equal(read, value, `value ${index}`);
    }
    const cycle = { name: "a" };
    cycle.self = cycle;
    await storage.put("cycle", cycle);
    const read = await storage.get("cycle");
    assert(read.self === read && read !== cycle);
    await storage.put("nested", { a: undefined });
    equal(Object.hasOwn(await storage.get("nested"), "a"), true);
  },
  "what is read is a copy": async ({ storage }) => {
    const value = { n: 1 };
    const put = storage.put("a", value);
    value.n = 2;
    await put;
    const read = await storage.get("a");
    read.n = 3;
    equal((await storage.get("a")).n, 1);
  },
  "what cannot be stored": async ({ storage }) => {
    for (const value of [() => {}, Symbol("s"), new WeakMap(), Promise.resolve(), new Proxy({}, {})]) {
      await throws(() => storage.put("a", value), "DataCloneError");
      await throws(() => storage.put({ b: 1, a: value }), "DataCloneError");
    }
    await throws(() => storage.put("a"), "TypeError");
    await throws(() => storage.put("a", undefined), "TypeError");
    await throws(() => storage.put({ a: 1 }, 5), "TypeError");
    equal([...(await storage.list())], []);
  },
  "of many, all are put or none": async ({ storage }) => {
    await throws(() => storage.put({ a: 1, ["k".repeat(2049)]: 2 }));
    await throws(() => storage.put({ a: 1, b: "x".repeat(2 << 20) }));
    await throws(() => storage.delete(["a", "k".repeat(2049)]));
    equal([...(await storage.list())], []);
  },
  "keys are texts": async ({ storage }) => {
    for (const [key, text] of [[5, "5"], [null, "null"], [true, "true"], ["é\u0000😀", "é\u0000😀"], ["", ""]]) {
      if (key === null) continue;
      await storage.put(key, text);
      equal([await storage.get(text), await storage.get(key)], [text, text]);
    }
  },
  "what was put is read before it is awaited": async ({ storage }) => {
    storage.put("a", 1);
    const read = storage.get("a");
    storage.put("a", 2);
    storage.delete("b");
    equal([await read, await storage.get("a")], [1, 2]);
  },
}) { alarm() {} }

export default runInside("ROOMS");
