import { checks, equal } from "../../check.js";

let told = 0;
const held = [];

/** Looks at all functions below `until` on the stack. */
function look(until) {
  const object = {};
  Error.prepareStackTrace = (_error, sites) => {
    for (const site of sites) {
      told++;
      const callee = site.getFunction();
      try {
        held.push(...(callee?.arguments ?? []));
      } catch {
        // A strict one says nothing.
      }
    }
    return "";
  };
  Error.captureStackTrace(object, until);
  void object.stack;
  Error.prepareStackTrace = undefined;
}

export default checks({
  "nothing": async () => {
    for (const index of ["0", "1", "2", "3"]) {
      Object.defineProperty(Array.prototype, index, {
        configurable: true,
        get() {},
        set: function setter(value) {
          look(setter);
          Object.defineProperty(this, index, { value, writable: true, enumerable: true, configurable: true });
        },
      });
    }
    await import("node:buffer");
    for (const index of ["0", "1", "2", "3"]) {
      delete Array.prototype[index];
    }
    const found = held.filter((value) => typeof value === "object" && value !== null && ("core" in value || "primordials" in value));
    equal([told > 0, found.length], [true, 0]);
  },
});
