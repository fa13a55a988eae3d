// The module `cloudflare:workers`.
// https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global

import { primordials } from "ext:core/mod.js";
import { currentEvent } from "ext:skerry/context.js";

const { Error, ObjectAssign, PromisePrototypeThen, PromiseResolve } = primordials;

/** The base of entrypoint classes: the platform makes one instance per event. */
class WorkerEntrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The worker's bindings; the same object that handlers get. */
const env = {};

function setEnv(bindings) {
  ObjectAssign(env, bindings);
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

const moduleExports = { __proto__: null, WorkerEntrypoint, env, waitUntil };

export { env, extendEvent, moduleExports, setEnv, setReporter, WorkerEntrypoint };
