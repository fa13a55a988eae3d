// Events: https://dom.spec.whatwg.org/#events. The classes are deno_web's; the dispatch is ours: no tree, listeners for capture
// first, and nothing that worker code may have replaced is called on the way.

import { core, primordials } from "ext:core/mod.js";
import { replaceConstructor } from "ext:skerry/interfaces.js";
import { slotNamed } from "ext:skerry/slots.js";

const {
  ArrayPrototypeIncludes,
  ArrayPrototypeSlice,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertyNames,
  ObjectPrototypeIsPrototypeOf,
  ReflectConstruct,
  ReflectDeleteProperty,
  TypeError,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const library = core.loadExtScript("ext:deno_web/02_event.js");

const { CloseEvent, CustomEvent, ErrorEvent, Event, EventTarget, MessageEvent, ProgressEvent } = library;
const { eventTargetData, setIsTrusted } = library;

const sample = new Event("sample");
const ATTRIBUTES = slotNamed(sample, "[[attributes]]");
const CANCELED = slotNamed(sample, "[[canceledFlag]]");
const DISPATCHED = slotNamed(sample, "[[dispatched]]");
const IN_PASSIVE_LISTENER = slotNamed(sample, "[[inPassiveListener]]");
const PATH = slotNamed(sample, "[[path]]");
const STOP_IMMEDIATE_PROPAGATION = slotNamed(sample, "[[stopImmediatePropagationFlag]]");
const STOP_PROPAGATION = slotNamed(sample, "[[stopPropagationFlag]]");

const { removeEventListener } = EventTarget.prototype;

/** Fires an event at a target; false when a listener has cancelled it. */
function dispatch(target, event) {
  const attributes = event[ATTRIBUTES];
  attributes.target = target;
  attributes.currentTarget = target;
  attributes.eventPhase = Event.AT_TARGET;
  event[DISPATCHED] = true;
  event[PATH] = [{ __proto__: null, item: target, rootOfClosedTree: false, slotInClosedTree: false }];
  invokeListeners(target, event, true);
  invokeListeners(target, event, false);
  event[DISPATCHED] = false;
  event[PATH] = [];
  event[STOP_PROPAGATION] = false;
  event[STOP_IMMEDIATE_PROPAGATION] = false;
  attributes.eventPhase = Event.NONE;
  attributes.currentTarget = null;
  return !event[CANCELED];
}

function invokeListeners(target, event, capture) {
  const { type } = event[ATTRIBUTES];
  const listeners = target[eventTargetData]?.listeners[type];
  if (listeners === undefined || event[STOP_PROPAGATION]) {
    return;
  }
  // Those added meanwhile do not hear this event, those removed meanwhile do not either.
  const now = ArrayPrototypeSlice(listeners);
  for (let i = 0; i < now.length && !event[STOP_IMMEDIATE_PROPAGATION]; i++) {
    const { callback, options } = now[i];
    if (options.capture !== capture || !ArrayPrototypeIncludes(listeners, now[i])) {
      continue;
    }
    if (options.once) {
      FunctionPrototypeCall(removeEventListener, target, type, callback, options);
    }
    event[IN_PASSIVE_LISTENER] = options.passive;
    try {
      call(callback, target, event);
    } catch (error) {
      reportException(error);
    }
    event[IN_PASSIVE_LISTENER] = false;
  }
}

function call(callback, target, event) {
  if (typeof callback === "function") {
    FunctionPrototypeCall(callback, target, event);
    return;
  }
  const { handleEvent } = callback;
  if (typeof handleEvent !== "function") {
    throw new TypeError("The listener has no method handleEvent");
  }
  FunctionPrototypeCall(handleEvent, callback, event);
}

ObjectDefineProperty(EventTarget.prototype, "dispatchEvent", {
  __proto__: null,
  configurable: true,
  enumerable: true,
  value: function dispatchEvent(event) {
    const target = this ?? globalThis;
    webidl.assertBranded(target, EventTarget.prototype);
    const prefix = "Failed to execute 'dispatchEvent' on 'EventTarget'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    if (!ObjectPrototypeIsPrototypeOf(Event.prototype, event) || event[ATTRIBUTES] === undefined) {
      throw new TypeError(`${prefix}: Argument 1 is not of type Event`);
    }
    if (event[DISPATCHED]) {
      throw new DOMException(`${prefix}: the event is being dispatched already`, "InvalidStateError");
    }
    return dispatch(target, event);
  },
  writable: true,
});

/** More than one while an `error` listener fails itself: its exception goes to the log alone. */
let reportsUnderWay = 0;

/** An exception out of a callback: the `error` event first, then the log (HTML, "report an exception"). */
function reportException(error) {
  const { exceptionMessage: message, frames } = core.destructureError(error);
  const { fileName: filename = "", lineNumber: lineno = 0, columnNumber: colno = 0 } = frames[0] ?? { __proto__: null };
  const event = new ErrorEvent("error", { __proto__: null, cancelable: true, message, filename, lineno, colno, error });
  setIsTrusted(event, true);
  reportsUnderWay++;
  try {
    if (reportsUnderWay > 1 || dispatch(globalThis, event)) {
      core.reportUnhandledException(error);
    }
  } finally {
    reportsUnderWay--;
  }
}

function reportError(error) {
  if (this !== undefined && this !== null && this !== globalThis) {
    throw new TypeError("Illegal invocation");
  }
  webidl.requiredArguments(arguments.length, 1, "Failed to execute 'reportError'");
  reportException(error);
}

function PromiseRejectionEvent(type, init) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor PromiseRejectionEvent cannot be invoked without 'new'");
  }
  const prefix = "Failed to construct 'PromiseRejectionEvent'";
  webidl.requiredArguments(arguments.length, 2, prefix);
  if (init?.promise === undefined) {
    throw new TypeError(`${prefix}: 'promise' of 'PromiseRejectionEventInit' is required`);
  }
  return ReflectConstruct(library.PromiseRejectionEvent, [type, init], new.target);
}
replaceConstructor(PromiseRejectionEvent, library.PromiseRejectionEvent);

const getDetail = ObjectGetOwnPropertyDescriptor(CustomEvent.prototype, "detail").get;
ObjectDefineProperty(CustomEvent.prototype, "detail", {
  __proto__: null,
  get: function detail() {
    return FunctionPrototypeCall(getDetail, this) ?? null;
  },
});

ReflectDeleteProperty(Event.prototype, "initialized");
ReflectDeleteProperty(EventTarget.prototype, "getParent");
const members = ObjectGetOwnPropertyNames(Event.prototype);
for (let i = 0; i < members.length; i++) {
  // `isTrusted` is right already and stays as it is.
  if (members[i] !== "constructor" && members[i] !== "isTrusted") {
    ObjectDefineProperty(Event.prototype, members[i], { __proto__: null, enumerable: true });
  }
}
const interfaces = [CloseEvent, CustomEvent, ErrorEvent, MessageEvent, ProgressEvent, library.PromiseRejectionEvent];
for (let i = 0; i < interfaces.length; i++) {
  webidl.configureInterface(interfaces[i]);
}

export { dispatch, PromiseRejectionEvent, reportError, reportException };
