// Imports a module again while it is linked: Node's scripts run meanwhile, and hand an element to a setter of the worker.

import { attack } from "../attack.js";

export default attack(async () => {
  let inner;
  Object.defineProperty(Array.prototype, "0", {
    configurable: true,
    get() {},
    set(value) {
      inner ??= import("./linked.js");
      Object.defineProperty(this, "0", { value, writable: true, enumerable: true, configurable: true });
    },
  });
  const outer = await import("./linked.js");
  delete Array.prototype[0];
  return new Response(`${outer.value} ${(await (inner ?? outer)).value}`);
});
