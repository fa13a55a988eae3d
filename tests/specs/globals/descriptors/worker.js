import { assert, checks, equal } from "../../check.js";

const shape = (name) => {
  const { enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(globalThis, name);
  return { enumerable, configurable, writable };
};

export default checks({
  "interfaces": () => {
    for (const name of ["Headers", "Request", "Response", "URL", "WebSocket", "AbortSignal", "CryptoKey", "ReadableStream", "DOMException", "console"]) {
      equal(shape(name), { enumerable: false, configurable: true, writable: true }, name);
    }
  },
  "operations": () => {
    for (const name of ["fetch", "setTimeout", "clearInterval", "atob", "queueMicrotask", "structuredClone", "reportError"]) {
      equal(shape(name), { enumerable: true, configurable: true, writable: true }, name);
    }
  },
  "attributes": () => {
    for (const name of ["self", "crypto", "navigator", "performance", "scheduler"]) {
      const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
      equal([descriptor.enumerable, descriptor.configurable], [true, true], name);
    }
  },
  "globalThis": () => equal(shape("globalThis"), { enumerable: false, configurable: true, writable: true }),
  "can be replaced": () => {
    const { fetch } = globalThis;
    globalThis.fetch = () => "replaced";
    equal(globalThis.fetch(), "replaced");
    globalThis.fetch = fetch;
  },
  "interfaces have a name, a length and a prototype that stays": () => {
    for (const [name, length] of [["Headers", 0], ["Request", 1], ["Response", 0], ["URL", 1], ["WebSocket", 1], ["Event", 1], ["TextDecoder", 0]]) {
      equal([globalThis[name].name, globalThis[name].length], [name, length]);
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis[name], "prototype");
      equal([writable, enumerable, configurable], [false, false, false]);
      assert(globalThis[name].prototype.constructor === globalThis[name], name);
    }
  },
  "functions have a name and a length": () => {
    for (const [name, length] of [["fetch", 1], ["setTimeout", 1], ["setInterval", 1], ["clearTimeout", 0], ["atob", 1], ["btoa", 1], ["queueMicrotask", 1], ["structuredClone", 1], ["reportError", 1]]) {
      equal([globalThis[name].name, globalThis[name].length], [name, length]);
    }
  },
});
