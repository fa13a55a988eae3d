import { checks, equal } from "../../check.js";
import { use } from "./use.js";

const caught = [];

for (const name of ["__bootstrap", "__skerry", "Deno", "__core", "__timers", "__infra", "internals", "core", "primordials", "ops"]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      caught.push(`read ${name}`);
    },
    set(value) {
      caught.push(`wrote ${name}: ${typeof value}`);
    },
  });
}

export default checks({
  "nothing is caught": async (request) => {
    await use(request);
    equal(caught, []);
  },
});
