// Copyright 2018-2026 the Deno authors. MIT license.
//
// Adapted from Node.js. Copyright Joyent, Inc. and other Node contributors.
//
// Permission is hereby granted, free of charge, to any person obtaining a
// copy of this software and associated documentation files (the
// "Software"), to deal in the Software without restriction, including
// without limitation the rights to use, copy, modify, merge, publish,
// distribute, sublicense, and/or sell copies of the Software, and to permit
// persons to whom the Software is furnished to do so, subject to the
// following conditions:
//
// The above copyright notice and this permission notice shall be included
// in all copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
// OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
// MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
// NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
// DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
// OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
// USE OR OTHER DEALINGS IN THE SOFTWARE.
"use strict";
return (function() {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePop,
    Error,
    FunctionPrototypeBind,
    ReflectApply,
    ObjectDefineProperties,
    ObjectGetOwnPropertyDescriptors,
    ObjectSetPrototypeOf,
    ObjectValues,
    PromisePrototypeThen
  } = primordials;
  const { nextTick } = core.loadExtScript("ext:deno_node/_next_tick.ts");
  const { validateFunction } = core.loadExtScript(
    "ext:deno_node/internal/validators.mjs"
  );
  class NodeFalsyValueRejectionError extends Error {
    code = "ERR_FALSY_VALUE_REJECTION";
    constructor(reason) {
      super("Promise was rejected with falsy value");
      this.reason = reason;
    }
  }
  function callbackify(original) {
    validateFunction(original, "original");
    function callbackified(...args) {
      const maybeCb = ArrayPrototypePop(args);
      validateFunction(maybeCb, "last argument");
      const cb = FunctionPrototypeBind(maybeCb, this);
      PromisePrototypeThen(
        ReflectApply(original, this, args),
        (ret) => nextTick(cb, null, ret),
        (rej) => {
          rej = rej || new NodeFalsyValueRejectionError(rej);
          return nextTick(cb, rej);
        }
      );
    }
    const descriptors = ObjectGetOwnPropertyDescriptors(original);
    if (typeof descriptors.length.value === "number") {
      descriptors.length.value++;
    }
    if (typeof descriptors.name.value === "string") {
      descriptors.name.value += "Callbackified";
    }
    const propertiesValues = ObjectValues(descriptors);
    for (let i = 0; i < propertiesValues.length; i++) {
      ObjectSetPrototypeOf(propertiesValues[i], null);
    }
    ObjectDefineProperties(callbackified, descriptors);
    return callbackified;
  }
  return {
    callbackify
  };
})();
