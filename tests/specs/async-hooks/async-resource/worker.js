import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { checks, equal, throws } from "../../check.js";

const storage = new AsyncLocalStorage();

export default checks({
  "runInAsyncScope": () => {
    const resource = storage.run("then", () => new AsyncResource("Buoy"));
    const thisArg = {};
    const result = storage.run("now", () =>
      resource.runInAsyncScope(function (...args) {
        return [storage.getStore(), this === thisArg, ...args];
      }, thisArg, 1, 2));
    equal(result, ["then", true, 1, 2]);
  },
  "subclasses": () => {
    class Buoy extends AsyncResource {
      constructor() {
        super("Buoy");
      }
      ring() {
        return this.runInAsyncScope(() => storage.getStore());
      }
    }
    equal(storage.run("then", () => new Buoy()).ring(), "then");
  },
  "bind": () => {
    const resource = storage.run("then", () => new AsyncResource("Buoy"));
    equal(resource.bind((...args) => [storage.getStore(), ...args])(1, 2), ["then", 1, 2]);
  },
  "type": () => throws(() => new AsyncResource(), "TypeError"),
});
