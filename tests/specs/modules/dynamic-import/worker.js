import { checks, equal } from "../../check.js";

export default checks({
  "not before it is reached": () => equal(globalThis.loads, undefined),
  "its exports": async () => {
    const late = await import("./late.js");
    equal([late.default, late.name], ["late default", "late"]);
    equal(globalThis.loads, 1);
  },
  "once": async () => {
    const [a, b] = await Promise.all([import("./late.js"), import("./late.js")]);
    equal(a === b, true);
    equal(globalThis.loads, 1);
  },
  "with a top-level await": async () => equal((await import("./later.js")).value, "waited"),
});
