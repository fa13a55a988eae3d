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

/** The key of `withEnv()` in a frame. */
const ENV = { __proto__: null };

function currentEnv() {
  return currentFrame()?.values?.get(ENV) ?? env;
}

/** The `env` that modules import: the bindings, or what `withEnv()` puts in their place. */
const importedEnv = new Proxy({}, {
  __proto__: null,
  defineProperty: (_, key, descriptor) => ReflectDefineProperty(currentEnv(), key, descriptor),
  deleteProperty: (_, key) => ReflectDeleteProperty(currentEnv(), key),
  get: (_, key) => ReflectGet(currentEnv(), key),
  getOwnPropertyDescriptor(_, key) {
    const descriptor = ReflectGetOwnPropertyDescriptor(currentEnv(), key);
    if (descriptor !== undefined) {
      // A proxy may call nothing fixed that its target does not have.
      descriptor.configurable = true;
    }
    return descriptor;
  },
  has: (_, key) => ReflectHas(currentEnv(), key),
  ownKeys: () => ReflectOwnKeys(currentEnv()),
  preventExtensions: () => false,
  set: (_, key, value) => ReflectSet(currentEnv(), key, value),
});

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

const moduleExports = { __proto__: null, DurableObject, RpcPromise, RpcProperty, RpcStub, RpcTarget, WorkerEntrypoint, env: importedEnv, waitUntil, withEnv };

export { DurableObject, env, extendEvent, moduleExports, setEnv, setReporter, WorkerEntrypoint };
