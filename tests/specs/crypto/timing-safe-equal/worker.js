import { checks, equal, throws } from "../../check.js";

const compare = (a, b) => crypto.subtle.timingSafeEqual(a, b);

export default checks({
  "equal and not": () => {
    equal(compare(new Uint8Array([1, 2]), new Uint8Array([1, 2])), true);
    equal(compare(new Uint8Array([1, 2]), new Uint8Array([1, 3])), false);
    equal(compare(new Uint8Array(0), new Uint8Array(0)), true);
  },
  "the bytes count, not the kind of view": () => {
    const bytes = new Uint8Array([9, 1, 2, 9]);
    equal(compare(bytes.subarray(1, 3), new Uint8Array([1, 2]).buffer), true);
    equal(compare(new Uint16Array([0x0201]), new DataView(bytes.buffer, 1, 2)), true);
  },
  "lengths that differ and strings are a TypeError": async () => {
    await throws(() => compare(new Uint8Array(1), new Uint8Array(2)), "TypeError");
    await throws(() => compare("a", "a"), "TypeError");
    await throws(() => compare(new Uint8Array(1)), "TypeError");
  },
});
