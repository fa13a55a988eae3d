import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

export class Room extends inside({
  "keys": async ({ storage }) => {
    const [longest, tooLong] = ["k".repeat(2048), "k".repeat(2049)];
    await storage.put(longest, 1);
    equal([await storage.get(longest), [...(await storage.list()).keys()]], [1, [longest]]);
    storage.kv.put(longest, 2);
    for (const call of ["get", "delete"]) {
      assert((await throws(() => storage[call](tooLong))).message.includes("2048"));
      await throws(() => storage[call]([tooLong]));
      await throws(() => storage.kv[call](tooLong));
    }
    await throws(() => storage.put(tooLong, 1));
    await throws(() => storage.put({ [tooLong]: 1 }));
    await throws(() => storage.kv.put(tooLong, 1));
  },
  "in bytes of UTF-8": async ({ storage }) => {
    await storage.put("é".repeat(1024), 1);
    await throws(() => storage.put("é".repeat(1025), 1));
  },
  "values": async ({ storage }) => {
    // What the serialization adds: its version, the tag and the length.
    const largest = "x".repeat((2 << 20) - 20);
    await storage.put("a", largest);
    equal((await storage.get("a")).length, largest.length);
    await storage.put("bytes", new Uint8Array((2 << 20) - 50));
    equal((await storage.get("bytes")).length, (2 << 20) - 50);
    for (const value of ["x".repeat(2 << 20), new Uint8Array(2 << 20), "ā".repeat(1 << 20)]) {
      assert((await throws(() => storage.put("b", value))).message.includes("2097152"));
      await throws(() => storage.kv.put("b", value));
    }
    equal([await storage.get("b"), storage.kv.get("b")], [undefined, undefined]);
  },
  "the key counts": async ({ storage }) => {
    const value = "x".repeat((2 << 20) - 500);
    await storage.put("a", value);
    await throws(() => storage.put("k".repeat(1000), value));
  },
  "many at once have more together": async ({ storage }) => {
    const value = "x".repeat(1 << 20);
    await storage.put({ a: value, b: value, c: value, d: value });
    equal((await storage.get(["a", "b", "c", "d"])).size, 4);
  },
}) {}

export default runInside("ROOMS");
