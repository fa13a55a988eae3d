// node:console: the console that is global, with Node's class beside it.
"use strict";
return (function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ObjectGetOwnPropertyDescriptors, ObjectCreate, ObjectGetPrototypeOf } = primordials;
  const { Console } = core.loadExtScript("ext:deno_node/internal/console/constructor.mjs");
  const { console } = globalThis;
  const exports = ObjectCreate(ObjectGetPrototypeOf(console), ObjectGetOwnPropertyDescriptors(console));
  ObjectDefineProperty(exports, "Console", { __proto__: null, configurable: true, enumerable: true, value: Console, writable: true });
  return exports;
})();
