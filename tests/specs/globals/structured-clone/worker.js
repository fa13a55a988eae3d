import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "deeply": () => {
    const value = { list: [1, , 3], map: new Map([[{ k: 1 }, new Set([1n])]]), date: new Date(7), re: /a/gi, none: undefined, bytes: new Uint8Array([1, 2]) };
    const copy = structuredClone(value);
    assert(copy !== value && copy.list !== value.list && copy.map !== value.map && copy.bytes.buffer !== value.bytes.buffer);
    equal([copy.list.length, 1 in copy.list, copy.date.getTime(), String(copy.re), "none" in copy], [3, false, 7, "/a/gi", true]);
    equal([[...copy.map.keys()][0], [...[...copy.map.values()][0]], [...copy.bytes]], [{ k: 1 }, [1n], [1, 2]]);
  },
  "cycles and identities": () => {
    const value = { a: {} };
    value.self = value;
    value.b = value.a;
    const copy = structuredClone(value);
    assert(copy.self === copy && copy.a === copy.b && copy.a !== value.a);
  },
  "errors": () => {
    const copy = structuredClone(new RangeError("x", { cause: 1 }));
    assert(copy instanceof RangeError && copy.message === "x");
  },
  "transfer": () => {
    const buffer = new ArrayBuffer(4);
    const copy = structuredClone(buffer, { transfer: [buffer] });
    equal([buffer.byteLength, buffer.detached, copy.byteLength], [0, true, 4]);
  },
  "prototypes are lost": () => {
    class Boat { name = "Ness"; }
    const copy = structuredClone(new Boat());
    assert(!(copy instanceof Boat) && copy.name === "Ness");
  },
  "refused": async () => {
    for (const value of [() => {}, Symbol("x"), { f() {} }, new WeakMap(), Promise.resolve()]) {
      const error = await throws(() => structuredClone(value), "DataCloneError");
      assert(error instanceof DOMException && error.code === 25);
    }
    await throws(() => structuredClone(), "TypeError");
  },
});
