import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();
const thisArg = { name: "given" };

function look(...args) {
  return [storage.getStore(), this?.name, ...args];
}

export default checks({
  "static, with this": () => {
    const bound = storage.run("then", () => AsyncResource.bind(look, "Buoy", thisArg));
    equal(bound(1), ["then", "given", 1]);
  },
  "static, without": () => {
    const bound = storage.run("then", () => AsyncResource.bind(look));
    equal(bound(1), ["then", undefined, 1]);
  },
  "method, with this": () => {
    const resource = storage.run("then", () => new AsyncResource("Buoy"));
    equal(resource.bind(look, thisArg)(1), ["then", "given", 1]);
  },
});
