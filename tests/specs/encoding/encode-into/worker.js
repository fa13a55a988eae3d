import { checks, equal, throws } from "../../check.js";

export default checks({
  "it reads code units and writes bytes": () => {
    const target = new Uint8Array(8);
    equal(new TextEncoder().encodeInto("\u{1F40C}a", target), { read: 3, written: 5 });
    equal(target, new Uint8Array([0xf0, 0x9f, 0x90, 0x8c, 0x61, 0, 0, 0]));
  },
  "a code point that does not fit is left out": () => {
    const target = new Uint8Array(4);
    equal(new TextEncoder().encodeInto("ab\u20ac", target), { read: 2, written: 2 });
    equal(target, new Uint8Array([0x61, 0x62, 0, 0]));
  },
  "it starts where the view starts": () => {
    const buffer = new ArrayBuffer(4);
    equal(new TextEncoder().encodeInto("xyz", new Uint8Array(buffer, 1, 2)), { read: 2, written: 2 });
    equal(new Uint8Array(buffer), new Uint8Array([0, 0x78, 0x79, 0]));
  },
  "only a Uint8Array is taken": async () => {
    await throws(() => new TextEncoder().encodeInto("a", new ArrayBuffer(4)), "TypeError");
    await throws(() => new TextEncoder().encodeInto("a", new Uint16Array(4)), "TypeError");
  },
});
