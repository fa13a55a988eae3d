import { checks, equal, throws } from "../../check.js";

export default checks({
  "the same array comes back, filled": () => {
    const array = new Uint8Array(64);
    equal(crypto.getRandomValues(array) === array, true);
    equal(array.some((byte) => byte !== 0), true);
  },
  "only the view is filled, and no two fillings are alike": () => {
    const buffer = new ArrayBuffer(96);
    crypto.getRandomValues(new Uint8Array(buffer, 32, 32));
    const bytes = new Uint8Array(buffer);
    equal([bytes.subarray(0, 32).some(Boolean), bytes.subarray(64).some(Boolean)], [false, false]);
    const again = crypto.getRandomValues(new Uint8Array(32));
    equal(again.some((byte, at) => byte !== bytes[32 + at]), true);
  },
  "other integers": () => {
    for (const Type of [Int8Array, Uint8ClampedArray, Int16Array, Uint32Array, BigInt64Array, BigUint64Array]) {
      equal(crypto.getRandomValues(new Type(16)).some((value) => value != 0), true);
    }
  },
  "floats and views without numbers are a TypeMismatchError": async () => {
    await throws(() => crypto.getRandomValues(new Float64Array(1)), "TypeMismatchError");
    await throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1))), "TypeMismatchError");
  },
  "65536 bytes and no more": async () => {
    equal(crypto.getRandomValues(new Uint8Array(65536)).subarray(-32).some(Boolean), true);
    await throws(() => crypto.getRandomValues(new Uint8Array(65537)), "QuotaExceededError");
    await throws(() => crypto.getRandomValues(new Uint16Array(32769)), "QuotaExceededError");
  },
});
