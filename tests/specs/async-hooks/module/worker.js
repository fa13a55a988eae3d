import * as namespace from "node:async_hooks";
import hooks, { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { checks, equal } from "../../check.js";

export default checks({
  "the same": () => {
    equal([hooks.AsyncLocalStorage === AsyncLocalStorage, hooks.AsyncResource === AsyncResource], [true, true]);
    equal([namespace.AsyncLocalStorage === AsyncLocalStorage, namespace.default === hooks], [true, true]);
  },
  "constructors": () => {
    equal([typeof AsyncLocalStorage, typeof AsyncResource], ["function", "function"]);
    equal([typeof AsyncLocalStorage.bind, typeof AsyncLocalStorage.snapshot, typeof AsyncResource.bind], ["function", "function", "function"]);
  },
});
