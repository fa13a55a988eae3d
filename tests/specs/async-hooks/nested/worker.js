import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();
const other = new AsyncLocalStorage();

export default checks({
  "one storage": () => {
    storage.run("outer", () => {
      storage.run("inner", () => equal(storage.getStore(), "inner"));
      equal(storage.getStore(), "outer");
    });
  },
  "two storages": () => {
    storage.run("a", () => {
      other.run("b", () => equal([storage.getStore(), other.getStore()], ["a", "b"]));
      equal([storage.getStore(), other.getStore()], ["a", undefined]);
    });
  },
  "across awaits": async () => {
    await storage.run("outer", async () => {
      await null;
      const inner = storage.run("inner", async () => {
        await null;
        return storage.getStore();
      });
      equal(storage.getStore(), "outer");
      equal(await inner, "inner");
      equal(storage.getStore(), "outer");
    });
  },
});
