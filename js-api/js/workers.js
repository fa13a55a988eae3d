// The module `cloudflare:workers`.
// https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global

import { primordials } from "ext:core/mod.js";
import { currentEvent, currentFrame, frameWith, runIn } from "ext:skerry/context.js";
import { RpcPromise, RpcProperty, RpcStub, RpcTarget } from "ext:skerry/rpc/mod.js";

const {
  Error,
  ObjectAssign,
  PromisePrototypeThen,
  PromiseResolve,
  Proxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
  TypeError,
} = primordials;

/** The base of entrypoint classes: the platform makes one instance per event. */
class WorkerEntrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The base of classes of Durable Objects: the platform makes one instance per object. */
class DurableObject {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The worker's bindings, as handlers get them. */
const env = {};

function setEnv(bindings) {
  ObjectAssign(env, bindings);
}

/** Takes the place of what was exported before: the platform's own worker, while the isolate was made ready. */
function clearExports() {
  const names = ReflectOwnKeys(exports);
  for (let i = 0; i < names.length; i++) {
    ReflectDeleteProperty(exports, names[i]);
  }
}

/** What the worker exports, as it can call it itself: `ctx.exports`. */
const exports = {};

/** The keys of `withEnv()` and `withExports()` in a frame. */
const ENV = { __proto__: null };
const EXPORTS = { __proto__: null };

/** An object that modules import: at each use it is what `current()` gives. */
function imported(current) {
  return new Proxy({}, {
    __proto__: null,
    defineProperty: (_, key, descriptor) => ReflectDefineProperty(current(), key, descriptor),
    deleteProperty: (_, key) => ReflectDeleteProperty(current(), key),
    get: (_, key) => ReflectGet(current(), key),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = ReflectGetOwnPropertyDescriptor(current(), key);
      if (descriptor !== undefined) {
        // A proxy may call nothing fixed that its target does not have.
        descriptor.configurable = true;
      }
      return descriptor;
    },
    has: (_, key) => ReflectHas(current(), key),
    ownKeys: () => ReflectOwnKeys(current()),
    preventExtensions: () => false,
    set: (_, key, value) => ReflectSet(current(), key, value),
  });
}

/** The bindings, or what `withEnv()` puts in their place. */
const importedEnv = imported(() => currentFrame()?.values?.get(ENV) ?? env);
/** `ctx.exports`, or what `withExports()` puts in its place. */
const importedExports = imported(() => currentFrame()?.values?.get(EXPORTS) ?? exports);

/** Runs a function, and what it awaits, with another imported `env`. */
function withEnv(newEnv, fn) {
  if (typeof newEnv !== "object" || newEnv === null) {
    throw new TypeError("The first argument of withEnv() must be an object");
  }
  if (typeof fn !== "function") {
    throw new TypeError("The second argument of withEnv() must be a function");
  }
  return runIn(frameWith(ENV, newEnv), fn, undefined, []);
}

/** The same for the imported `exports`. Nothing masks all of them, and what is no object masks none. */
function withExports(newExports, fn) {
  if (typeof fn !== "function") {
    throw new TypeError("The second argument of withExports() must be a function");
  }
  const isObject = typeof newExports === "object" || typeof newExports === "function";
  const masked = newExports === null || newExports === undefined ? {} : isObject ? newExports : exports;
  return runIn(frameWith(EXPORTS, masked), fn, undefined, []);
}

/** Keeps an event alive until the promise settles; its rejection is logged. */
function extendEvent(event, promise, report) {
  event.open++;
  PromisePrototypeThen(
    PromiseResolve(promise),
    () => event.close(),
    (error) => {
      report(error);
      event.close();
    },
  );
}

let reportError;
function setReporter(report) {
  reportError = report;
}

function waitUntil(promise) {
  const event = currentEvent();
  if (event === undefined) {
    throw new Error("waitUntil() was called outside of an event: call it while a request is being handled");
  }
  extendEvent(event, promise, reportError);
}

const moduleExports = {
  __proto__: null,
  DurableObject,
  RpcPromise,
  RpcProperty,
  RpcStub,
  RpcTarget,
  WorkerEntrypoint,
  env: importedEnv,
  exports: importedExports,
  waitUntil,
  withEnv,
  withExports,
};

export { clearExports, DurableObject, env, exports, extendEvent, moduleExports, setEnv, setReporter, WorkerEntrypoint };
