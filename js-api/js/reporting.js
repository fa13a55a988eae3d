// The console, and what becomes of errors that nobody caught. Both end as log lines at the host.

import { core, primordials } from "ext:core/mod.js";
import { op_log } from "ext:core/ops";
import { currentEventId } from "ext:skerry/context.js";
import { setReporter } from "ext:skerry/workers.js";

const { ObjectSetPrototypeOf } = primordials;

const { Console, inspect, getDefaultInspectOptions, setNoColorFns } = core.loadExtScript("ext:deno_web/01_console.js");
const { DOMException, QuotaExceededError } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const events = core.loadExtScript("ext:deno_web/02_event.js");

// Levels as in `ops/log.rs`.
const ERROR = 4;
// deno's console prints with 0 debug, 1 log and info, 2 warn, 3 error, 4 trace.
const LEVELS = [0, 2, 3, 4, 2];

const console = new Console((text, level) => op_log(currentEventId(), LEVELS[level] ?? 2, text));
// The standard asks for an own prototype below %Object.prototype%.
ObjectSetPrototypeOf(console, {});

function describe(error) {
  return inspect(error, getDefaultInspectOptions());
}

function logUncaught(prefix, error) {
  op_log(currentEventId(), ERROR, `${prefix} ${describe(error)}`);
}

/** An exception out of a callback: the `error` event first, then the log (HTML, "report an exception"). */
function reportException(error) {
  events.reportException(error);
}

function onUnhandledRejection(promise, reason) {
  const event = new events.PromiseRejectionEvent("unhandledrejection", { cancelable: true, promise, reason });
  if (globalThis.dispatchEvent(event)) {
    logUncaught("Uncaught (in promise)", reason);
  }
  return true;
}

function onLateHandler(promise, reason) {
  globalThis.dispatchEvent(new events.PromiseRejectionEvent("rejectionhandled", { promise, reason }));
}

// The DOMExceptions that ops of the libraries throw, by the name that their Rust side gives.
const DOM_EXCEPTIONS = [
  "DataError", "IndexSizeError", "InvalidAccessError", "InvalidCharacterError", "InvalidStateError", "NotSupportedError",
  "OperationError", "SyntaxError", "TypeMismatchError",
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

export { console, describe, install, logUncaught, reportException };
