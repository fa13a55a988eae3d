import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal, throws } from "../../check.js";

const storage = new AsyncLocalStorage();

export default checks({
  "outside": () => equal(storage.getStore(), undefined),
  "inside, with arguments and result": () => {
    const result = storage.run({ isle: "Unst" }, (...args) => [storage.getStore().isle, ...args], 1, 2);
    equal(result, ["Unst", 1, 2]);
    equal(storage.getStore(), undefined);
  },
  "any value": () => {
    for (const value of [null, 0, "", false, undefined]) {
      storage.run(value, () => equal(storage.getStore(), value));
    }
  },
  "exceptions": async () => {
    await throws(() => storage.run(1, () => { throw new RangeError("x"); }), "RangeError");
    equal(storage.getStore(), undefined);
  },
});
