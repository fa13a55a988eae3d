// AsyncLocalStorage and AsyncResource (`node:async_hooks`), over the frame of context.js.
// https://nodejs.org/api/async_context.html

import { primordials } from "ext:core/mod.js";
import { currentFrame, frameWith, runIn, setFrame } from "ext:skerry/context.js";

const { ObjectDefineProperty, TypeError } = primordials;

function requireFunction(value, name) {
  if (typeof value !== "function") {
    throw new TypeError(`The "${name}" argument must be of type function`);
  }
}

class AsyncLocalStorage {
  #defaultValue;
  #name;

  constructor(options = undefined) {
    this.#defaultValue = options?.defaultValue;
    this.#name = options?.name === undefined ? "" : `${options.name}`;
  }

  get name() {
    return this.#name;
  }

  getStore() {
    const values = currentFrame()?.values;
    return values !== undefined && values.has(this) ? values.get(this) : this.#defaultValue;
  }

  run(store, callback, ...args) {
    requireFunction(callback, "callback");
    return runIn(frameWith(this, store), callback, undefined, args);
  }

  exit(callback, ...args) {
    requireFunction(callback, "callback");
    return runIn(frameWith(this, undefined), callback, undefined, args);
  }

  enterWith(store) {
    setFrame(frameWith(this, store));
  }

  disable() {
    setFrame(frameWith(this, undefined));
  }

  static bind(fn) {
    requireFunction(fn, "fn");
    const frame = currentFrame();
    return function (...args) {
      return runIn(frame, fn, this, args);
    };
  }

  static snapshot() {
    const frame = currentFrame();
    return function (fn, ...args) {
      requireFunction(fn, "fn");
      return runIn(frame, fn, undefined, args);
    };
  }
}

class AsyncResource {
  #frame = currentFrame();
  #type;

  constructor(type, _options = undefined) {
    if (typeof type !== "string") {
      throw new TypeError('The "type" argument must be of type string');
    }
    this.#type = type;
  }

  get type() {
    return this.#type;
  }

  asyncId() {
    return 0;
  }

  triggerAsyncId() {
    return 0;
  }

  emitDestroy() {
    return this;
  }

  runInAsyncScope(fn, thisArg, ...args) {
    requireFunction(fn, "fn");
    return runIn(this.#frame, fn, thisArg, args);
  }

  bind(fn, thisArg = undefined) {
    requireFunction(fn, "fn");
    const frame = this.#frame;
    const bound = function (...args) {
      return runIn(frame, fn, thisArg === undefined ? this : thisArg, args);
    };
    ObjectDefineProperty(bound, "length", { __proto__: null, configurable: true, value: fn.length });
    return bound;
  }

  static bind(fn, type, thisArg) {
    return new AsyncResource(type || fn.name || "bound-anonymous-fn").bind(fn, thisArg);
  }
}

export { AsyncLocalStorage, AsyncResource };
