import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal, throws } from "../../check.js";

const storage = new AsyncLocalStorage();

export default checks({
  "bind": async () => {
    const bound = storage.run("then", () => AsyncLocalStorage.bind((...args) => [storage.getStore(), ...args]));
    equal(bound(1, 2), ["then", 1, 2]);
    storage.run("now", () => {
      equal(bound(), ["then"]);
      equal(storage.getStore(), "now");
    });
    await throws(() => AsyncLocalStorage.bind("x"), "TypeError");
  },
  "snapshot": async () => {
    const inThen = storage.run("then", () => AsyncLocalStorage.snapshot());
    equal(inThen((...args) => [storage.getStore(), ...args], 1, 2), ["then", 1, 2]);
    storage.run("now", () => {
      equal(inThen(() => storage.getStore()), "then");
      equal(storage.getStore(), "now");
    });
    equal(await inThen(async () => {
      await scheduler.wait(1);
      return storage.getStore();
    }), "then");
  },
  "of no store": () => {
    const inNone = AsyncLocalStorage.snapshot();
    storage.run("now", () => equal(inNone(() => storage.getStore()), undefined));
  },
});
