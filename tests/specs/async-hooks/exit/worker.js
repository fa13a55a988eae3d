import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();

export default checks({
  "exit": () => {
    storage.run("kept", () => {
      equal(storage.exit((...args) => [storage.getStore(), ...args], 1, 2), [undefined, 1, 2]);
      equal(storage.getStore(), "kept");
    });
  },
  "asynchronously": async () => {
    await storage.run("kept", async () => {
      const outside = storage.exit(async () => {
        await scheduler.wait(1);
        return storage.getStore();
      });
      equal(await outside, undefined);
      equal(storage.getStore(), "kept");
    });
  },
  "other storages stay": () => {
    const other = new AsyncLocalStorage();
    storage.run("a", () => other.run("b", () => storage.exit(() => equal([storage.getStore(), other.getStore()], [undefined, "b"]))));
  },
});
