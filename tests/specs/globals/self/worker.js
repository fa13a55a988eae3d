import { assert, checks, equal } from "../../check.js";

const thisOfModule = this;

export default checks({
  "self": () => {
    assert(self === globalThis && globalThis.self === self && self.globalThis === globalThis);
    globalThis.tide = "flood";
    equal([tide, self.tide, delete globalThis.tide, typeof tide], ["flood", "flood", true, "undefined"]);
  },
  "strict": () => {
    equal(thisOfModule, undefined);
    equal((function () { return this; })(), undefined);
  },
  "the constants stay": () => {
    for (const name of ["undefined", "NaN", "Infinity"]) {
      const { writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
      equal([writable, configurable], [false, false]);
    }
  },
});
