// node:timers: timers that are objects. They can be cleared as the global ones can, and those as they can.
"use strict";
return (function () {
  const { platform, primordials } = __bootstrap;
  const { FunctionPrototypeBind, ReflectDefineProperty, SymbolDispose, SymbolFor, SymbolToPrimitive } = primordials;

  /** A worker does not end when its timers do: whether one is referenced makes no difference. */
  class Timeout {
    #args;
    #callback;
    #delay;
    #id;
    #isReferenced = true;
    #repeats;

    constructor(callback, delay, args, repeats) {
      this.#callback = callback;
      this.#delay = delay;
      this.#args = args;
      this.#repeats = repeats;
      this.#start();
    }

    #start() {
      const start = this.#repeats ? platform.setInterval : platform.setTimeout;
      this.#id = start(FunctionPrototypeBind(this.#callback, this), this.#delay, ...this.#args);
    }

    close() {
      platform.clearTimeout(this.#id);
      return this;
    }

    hasRef() {
      return this.#isReferenced;
    }

    ref() {
      this.#isReferenced = true;
      return this;
    }

    refresh() {
      platform.clearTimeout(this.#id);
      this.#start();
      return this;
    }

    unref() {
      this.#isReferenced = false;
      return this;
    }

    [SymbolDispose]() {
      this.close();
    }

    [SymbolToPrimitive]() {
      return this.#id;
    }
  }

  class Immediate {
    #id;
    #isReferenced = true;

    constructor(callback, args) {
      this.#id = platform.setTimeout(callback, 0, ...args);
    }

    hasRef() {
      return this.#isReferenced;
    }

    ref() {
      this.#isReferenced = true;
      return this;
    }

    unref() {
      this.#isReferenced = false;
      return this;
    }

    [SymbolDispose]() {
      platform.clearTimeout(this.#id);
    }

    static clear(immediate) {
      if (typeof immediate === "object" && immediate !== null && #id in immediate) {
        platform.clearTimeout(immediate.#id);
      }
    }
  }

  function check(callback) {
    if (typeof callback !== "function") {
      platform.validators().validateFunction(callback, "callback");
    }
  }

  function setTimeout(callback, delay, ...args) {
    check(callback);
    return new Timeout(callback, delay, args, false);
  }

  function setInterval(callback, delay, ...args) {
    check(callback);
    return new Timeout(callback, delay, args, true);
  }

  function setImmediate(callback, ...args) {
    check(callback);
    return new Immediate(callback, args);
  }

  function clear(timer) {
    if (typeof timer !== "symbol" && timer !== undefined && timer !== null) {
      platform.clearTimeout(timer);
    }
  }

  /** For util.promisify(). */
  const custom = SymbolFor("nodejs.util.promisify.custom");
  const promisified = [[setTimeout, "setTimeout"], [setImmediate, "setImmediate"], [platform.setTimeout, "setTimeout"]];
  for (let i = 0; i < promisified.length; i++) {
    const { 0: callee, 1: name } = promisified[i];
    const get = () => platform.load("timers/promises")[name];
    // Worker code may have frozen the global one.
    ReflectDefineProperty(callee, custom, { __proto__: null, configurable: true, enumerable: false, get });
  }

  return {
    clearImmediate(immediate) {
      Immediate.clear(immediate);
    },
    clearInterval(timer) {
      clear(timer);
    },
    clearTimeout(timer) {
      clear(timer);
    },
    get promises() {
      return platform.load("timers/promises");
    },
    setImmediate,
    setInterval,
    setTimeout,
  };
})();
