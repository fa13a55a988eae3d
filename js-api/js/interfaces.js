// Mends of interfaces that the libraries define.

import { primordials } from "ext:core/mod.js";

const { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor } = primordials;

const STATICS = ["error", "json", "redirect"];

/** Makes `constructor` share its prototype with `base`, so that instances made inside the platform are instances of it. */
function replaceConstructor(constructor, base) {
  for (let i = 0; i < STATICS.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(base, STATICS[i]);
    if (descriptor !== undefined) {
      ObjectDefineProperty(constructor, STATICS[i], { __proto__: null, ...descriptor });
    }
  }
  ObjectDefineProperty(constructor, "prototype", { __proto__: null, value: base.prototype, writable: false });
  ObjectDefineProperty(base.prototype, "constructor", {
    __proto__: null,
    configurable: true,
    enumerable: false,
    value: constructor,
    writable: true,
  });
}

export { replaceConstructor };
