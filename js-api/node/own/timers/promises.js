// node:timers/promises
"use strict";
return (function () {
  const { platform, primordials } = __bootstrap;
  const { Promise, SymbolAsyncIterator } = primordials;
  const { validateAbortSignal, validateBoolean, validateNumber, validateObject } = platform.validators();
  const { AbortError } = platform.load("internal/errors");

  function checked(options) {
    validateObject(options, "options");
    const { ref, signal } = options;
    if (signal !== undefined) {
      validateAbortSignal(signal, "options.signal");
    }
    if (ref !== undefined) {
      validateBoolean(ref, "options.ref");
    }
    return signal;
  }

  async function wait(delay, value, options = {}) {
    const signal = checked(options);
    if (delay !== undefined) {
      validateNumber(delay, "delay");
    }
    if (signal?.aborted) {
      throw new AbortError(undefined, { cause: signal.reason });
    }
    return await new Promise((resolve, reject) => {
      const onAbort = () => {
        platform.clearTimeout(timer);
        reject(new AbortError(undefined, { cause: signal.reason }));
      };
      const timer = platform.setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value);
      }, delay);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  async function setTimeout(delay, value, options) {
    return await wait(delay, value, options);
  }

  async function setImmediate(value, options) {
    return await wait(0, value, options);
  }

  function setInterval(delay, value, options = {}) {
    checked(options);
    return {
      async next() {
        return { done: false, value: await wait(delay, value, options) };
      },
      // deno-lint-ignore require-await
      async return() {
        return { done: true, value: undefined };
      },
      [SymbolAsyncIterator]() {
        return this;
      },
    };
  }

  const scheduler = {
    wait: (delay, options) => wait(delay, undefined, options),
    yield: () => wait(0),
  };

  return { scheduler, setImmediate, setInterval, setTimeout };
})();
