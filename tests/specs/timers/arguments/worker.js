import { assert, checks, equal, throws } from "../../check.js";

const after = (...delay) => new Promise((resolve) => setTimeout((...args) => resolve(args), ...delay));

export default checks({
  "arguments": async () => {
    const thing = {};
    const got = await after(1, "a", 2, thing);
    equal(got.length, 3);
    equal(got.slice(0, 2), ["a", 2]);
    equal(got[2] === thing, true);
  },
  "none": async () => equal(await after(), []),
  "odd delays fire at once": async () => {
    for (const delay of [undefined, null, -5, NaN, "1", "soon", {}, 0.5, Infinity, 2 ** 31]) {
      equal(await after(delay, "x"), ["x"]);
    }
  },
  "a delay that throws": () => throws(() => setTimeout(() => {}, { valueOf() { throw new RangeError("no"); } }), "RangeError"),
  "interval arguments": async () => {
    const got = await new Promise((resolve) => {
      const id = setInterval((...args) => {
        clearInterval(id);
        resolve(args);
      }, 1, "a", "b");
    });
    equal(got, ["a", "b"]);
  },
  "ids": () => {
    const [a, b] = [setTimeout(() => {}, 1), setInterval(() => {}, 1000)];
    assert(Number.isInteger(a) && a > 0 && Number.isInteger(b) && b > 0, `${a} ${b}`);
    assert(a !== b, "the same id twice");
    clearTimeout(b);
  },
  "this": async () => {
    const self = await new Promise((resolve) => setTimeout(function () { resolve(this); }, 1));
    equal(self === globalThis, true);
  },
  "without a callback": () => throws(() => setTimeout(), "TypeError"),
});
