import { checks, equal } from "../../check.js";
import { LANGUAGE, PLATFORM } from "./names.js";

const expected = { ...LANGUAGE, ...PLATFORM };

export default checks({
  "missing or of another type": () => {
    const wrong = [];
    for (const [name, type] of Object.entries(expected)) {
      if (!Object.hasOwn(globalThis, name) || typeof globalThis[name] !== type) {
        wrong.push(`${name}: ${Object.hasOwn(globalThis, name) ? typeof globalThis[name] : "missing"}`);
      }
    }
    equal(wrong, []);
  },
  "more than these": () => {
    equal(Object.getOwnPropertyNames(globalThis).filter((name) => !Object.hasOwn(expected, name)), []);
  },
  "inherited": () => {
    const inherited = ["addEventListener", "dispatchEvent", "removeEventListener"];
    equal(inherited.map((name) => typeof globalThis[name]), ["function", "function", "function"]);
  },
});
