// The console, and what becomes of errors that nobody caught. Both end as log lines at the host.

import { core, primordials } from "ext:core/mod.js";
import { op_log } from "ext:core/ops";
import { currentEventId } from "ext:skerry/context.js";
import { dispatch, PromiseRejectionEvent, reportException } from "ext:skerry/events.js";
import { setReporter } from "ext:skerry/workers.js";

const { ArrayPrototypeJoin, ArrayPrototypeMap, ObjectHasOwn, ObjectKeys, ObjectSetPrototypeOf, ReflectApply, String } = primordials;

const { Console, inspect, getDefaultInspectOptions, setNoColorFns } = core.loadExtScript("ext:deno_web/01_console.js");
const { DOMException, QuotaExceededError } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { setIsTrusted } = core.loadExtScript("ext:deno_web/02_event.js");

// Levels as in `ops/log.rs`.
const ERROR = 4;
// deno's console prints with 0 debug, 1 log and info, 2 warn, 3 error, 4 trace.
const LEVELS = [0, 2, 3, 4, 2];

const console = new Console((text, level) => op_log(currentEventId(), LEVELS[level] ?? 2, text));
// The standard asks for an own prototype below %Object.prototype%.
ObjectSetPrototypeOf(console, {});

const methods = ObjectKeys(console);
for (let i = 0; i < methods.length; i++) {
  if (typeof console[methods[i]] === "function") {
    console[methods[i]] = neverThrowing(methods[i], console[methods[i]]);
  }
}

/** Logging never fails: what throws while it is looked at is logged as such. */
function neverThrowing(name, method) {
  return {
    [name](...args) {
      try {
        return ReflectApply(method, console, args);
      } catch {
        const text = ArrayPrototypeMap(args, (value) => typeof value === "string" ? value : describe(value));
        op_log(currentEventId(), LEVELS[1], ArrayPrototypeJoin(text, " "));
      }
    },
  }[name];
}

function describe(value) {
  try {
    return inspect(value, getDefaultInspectOptions());
  } catch {
    return "[a value that throws while it is looked at]";
  }
}

/** What the host is told of an error. */
function failureOf(error) {
  try {
    if (core.isNativeError(error) || (typeof error === "object" && error !== null && ObjectHasOwn(error, "stack"))) {
      const message = `${error.name}: ${error.message}`;
      const saysMore = ObjectHasOwn(error, "cause") || ObjectHasOwn(error, "errors");
      return { __proto__: null, message, stack: saysMore ? describe(error) : String(error.stack) };
    }
    return { __proto__: null, message: `Uncaught ${describe(error)}`, stack: "" };
  } catch {
    return { __proto__: null, message: "An exception whose description threw", stack: "" };
  }
}

function logUncaught(prefix, error) {
  op_log(currentEventId(), ERROR, `${prefix} ${describe(error)}`);
}

function onUnhandledRejection(promise, reason) {
  const event = new PromiseRejectionEvent("unhandledrejection", { __proto__: null, cancelable: true, promise, reason });
  setIsTrusted(event, true);
  if (dispatch(globalThis, event)) {
    logUncaught("Uncaught (in promise)", reason);
  }
  return true;
}

function onLateHandler(promise, reason) {
  const event = new PromiseRejectionEvent("rejectionhandled", { __proto__: null, promise, reason });
  setIsTrusted(event, true);
  dispatch(globalThis, event);
}

// The DOMExceptions that ops of the libraries throw, by the name that their Rust side gives.
const DOM_EXCEPTIONS = [
  "DataCloneError", "DataError", "IndexSizeError", "InvalidAccessError", "InvalidCharacterError", "InvalidStateError",
  "NotSupportedError", "OperationError", "SyntaxError", "TypeMismatchError",
];

function registerErrors() {
  for (let i = 0; i < DOM_EXCEPTIONS.length; i++) {
    const name = DOM_EXCEPTIONS[i];
    core.registerErrorBuilder(`DOMException${name}`, (message) => new DOMException(message, name));
  }
  core.registerErrorBuilder("DOMExceptionQuotaExceededError", (message) => new QuotaExceededError(message));
}

function install() {
  registerErrors();
  setNoColorFns(() => true, () => true);
  core.setUnhandledPromiseRejectionHandler(onUnhandledRejection);
  core.setHandledPromiseRejectionHandler(onLateHandler);
  core.setReportExceptionCallback(reportException);
  setReporter((error) => logUncaught("Uncaught (in waitUntil)", error));
}

export { console, describe, failureOf, install, logUncaught, reportException };
