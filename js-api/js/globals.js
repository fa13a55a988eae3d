// The names that worker code finds on `globalThis`. What is not listed here is not there.

import { core, primordials } from "ext:core/mod.js";
import { DecompressionStream } from "ext:skerry/compression.js";
import { DigestStream, timingSafeEqual } from "ext:skerry/crypto.js";
import { PromiseRejectionEvent, reportError } from "ext:skerry/events.js";
import { fetch } from "ext:skerry/fetch.js";
import { Headers } from "ext:skerry/headers.js";
import { Request, Response } from "ext:skerry/http.js";
import { Navigator, navigator } from "ext:skerry/navigator.js";
import { console } from "ext:skerry/reporting.js";
import { FixedLengthStream, IdentityTransformStream } from "ext:skerry/streams.js";
import { refuseToClone, structuredClone } from "ext:skerry/structured_clone.js";
import { Crypto, CryptoKey, restoreCrypto, SubtleCrypto } from "ext:skerry/subtle.js";
import { clearInterval, clearTimeout, Scheduler, scheduler, setInterval, setTimeout } from "ext:skerry/timers.js";
import { guardMemories } from "ext:skerry/webassembly.js";
import { WebSocket } from "ext:skerry/websocket.js";
import { WebSocketPair } from "ext:skerry/websocket_pair.js";
import { WebSocketRequestResponsePair } from "ext:skerry/objects/sockets.js";

const { ObjectDefineProperty, ObjectSetPrototypeOf, ReflectDeleteProperty, SymbolToStringTag, TypeError } = primordials;

const web = (name) => core.loadExtScript(`ext:deno_web/${name}.js`);
const abort = web("03_abort_signal");
const base64 = web("05_base64");
const compression = web("14_compression");
const domException = web("01_dom_exception");
const encoding = web("08_text_encoding");
const event = web("02_event");
const file = web("09_file");
const ports = web("13_message_port");
const performance = web("15_performance");
const streams = web("06_streams");
const url = web("00_url");
const urlPattern = web("01_urlpattern");
const { FormData } = core.loadExtScript("ext:deno_fetch/21_formdata.js");

/** Interfaces: writable, configurable, not enumerable (Web IDL). */
const INTERFACES = {
  AbortController: abort.AbortController,
  AbortSignal: abort.AbortSignal,
  Blob: file.Blob,
  ByteLengthQueuingStrategy: streams.ByteLengthQueuingStrategy,
  CloseEvent: event.CloseEvent,
  CompressionStream: compression.CompressionStream,
  CountQueuingStrategy: streams.CountQueuingStrategy,
  Crypto,
  CryptoKey,
  CustomEvent: event.CustomEvent,
  DecompressionStream,
  DOMException: domException.DOMException,
  ErrorEvent: event.ErrorEvent,
  Event: event.Event,
  EventTarget: event.EventTarget,
  File: file.File,
  FixedLengthStream,
  FormData,
  Headers,
  IdentityTransformStream,
  MessageChannel: ports.MessageChannel,
  MessageEvent: event.MessageEvent,
  MessagePort: ports.MessagePort,
  Navigator,
  Performance: performance.Performance,
  PerformanceEntry: performance.PerformanceEntry,
  PerformanceMark: performance.PerformanceMark,
  PerformanceMeasure: performance.PerformanceMeasure,
  PerformanceObserver: performance.PerformanceObserver,
  PerformanceObserverEntryList: performance.PerformanceObserverEntryList,
  ProgressEvent: event.ProgressEvent,
  PromiseRejectionEvent,
  QuotaExceededError: domException.QuotaExceededError,
  ReadableByteStreamController: streams.ReadableByteStreamController,
  ReadableStream: streams.ReadableStream,
  ReadableStreamBYOBReader: streams.ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest: streams.ReadableStreamBYOBRequest,
  ReadableStreamDefaultController: streams.ReadableStreamDefaultController,
  ReadableStreamDefaultReader: streams.ReadableStreamDefaultReader,
  Request,
  Response,
  Scheduler,
  SubtleCrypto,
  TextDecoder: encoding.TextDecoder,
  TextDecoderStream: encoding.TextDecoderStream,
  TextEncoder: encoding.TextEncoder,
  TextEncoderStream: encoding.TextEncoderStream,
  TransformStream: streams.TransformStream,
  TransformStreamDefaultController: streams.TransformStreamDefaultController,
  URL: url.URL,
  URLPattern: urlPattern.URLPattern,
  URLSearchParams: url.URLSearchParams,
  WebSocket,
  WebSocketPair,
  WebSocketRequestResponsePair,
  WritableStream: streams.WritableStream,
  WritableStreamDefaultController: streams.WritableStreamDefaultController,
  WritableStreamDefaultWriter: streams.WritableStreamDefaultWriter,
};

/** The interfaces whose objects can be cloned (HTML, "serializable objects"). */
const SERIALIZABLE = { __proto__: null, Blob: true, DOMException: true, File: true, QuotaExceededError: true };

/** Operations and attributes of the global scope: enumerable. */
const MEMBERS = {
  atob: base64.atob,
  btoa: base64.btoa,
  clearInterval,
  clearTimeout,
  fetch,
  queueMicrotask: globalThis.queueMicrotask,
  reportError,
  setInterval,
  setTimeout,
  structuredClone,
  navigator,
  performance: performance.performance,
  scheduler,
  self: globalThis,
};

class WorkerGlobalScope extends event.EventTarget {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

class ServiceWorkerGlobalScope extends WorkerGlobalScope {}

function defineGlobals() {
  for (const name in INTERFACES) {
    defineInterface(name, INTERFACES[name]);
    if (!SERIALIZABLE[name]) {
      refuseToClone(INTERFACES[name]);
    }
  }
  defineInterface("console", console);
  defineInterface("WorkerGlobalScope", WorkerGlobalScope);
  defineInterface("ServiceWorkerGlobalScope", ServiceWorkerGlobalScope);
  for (const name in MEMBERS) {
    ObjectDefineProperty(globalThis, name, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      value: MEMBERS[name],
      writable: true,
    });
  }
  for (const type of ["error", "unhandledrejection", "rejectionhandled"]) {
    event.defineEventHandler(globalThis, type, undefined, type === "error");
  }
  extendCrypto();
  makeGlobalAnEventTarget();
  keepFunctionCall();
  removeWhatTenantsMustNotHave();
}

/** What Workers add to WebCrypto. */
function extendCrypto() {
  ObjectDefineProperty(Crypto.prototype, "DigestStream", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: DigestStream,
    writable: true,
  });
  ObjectDefineProperty(SubtleCrypto.prototype, "timingSafeEqual", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: timingSafeEqual,
    writable: true,
  });
}

/**
 * deno_core's stubs of async ops run `op.call(this, ...)`: with `Function.prototype.call` replaced, worker code would be handed
 * the ops. So it cannot be replaced there; other functions may have a `call` of their own.
 */
function keepFunctionCall() {
  const prototype = primordials.FunctionPrototype;
  const call = prototype.call;
  ObjectDefineProperty(prototype, "call", {
    __proto__: null,
    configurable: false,
    enumerable: false,
    get() {
      return call;
    },
    set(value) {
      if (this !== prototype) {
        ObjectDefineProperty(this, "call", { __proto__: null, configurable: true, enumerable: true, value, writable: true });
      }
    },
  });
}

function makeGlobalAnEventTarget() {
  for (const scope of [WorkerGlobalScope, ServiceWorkerGlobalScope]) {
    ObjectDefineProperty(scope.prototype, SymbolToStringTag, { __proto__: null, configurable: true, value: scope.name });
  }
  ObjectSetPrototypeOf(globalThis, ServiceWorkerGlobalScope.prototype);
  event.setEventTargetData(globalThis);
  event.saveGlobalThisReference(globalThis);
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  ObjectDefineProperty(globalThis, webidl.brand, { __proto__: null, value: webidl.brand });
}

function removeWhatTenantsMustNotHave() {
  // Object URLs would be names across a process; Workers have none.
  ReflectDeleteProperty(url.URL, "createObjectURL");
  ReflectDeleteProperty(url.URL, "revokeObjectURL");
}

function defineInterface(name, value) {
  ObjectDefineProperty(globalThis, name, { __proto__: null, configurable: true, enumerable: false, value, writable: true });
}

/** Parts with native objects behind them, which a snapshot cannot hold. */
function defineRestoredGlobals() {
  performance.setTimeOrigin();
  // A shared counter in another thread is a clock (docs/security.md, "Isolate").
  ReflectDeleteProperty(globalThis, "SharedArrayBuffer");
  guardMemories(globalThis.WebAssembly);
  // Compiling from bytes is refused by V8 as well; these would only fail later.
  ReflectDeleteProperty(globalThis.WebAssembly, "compileStreaming");
  ReflectDeleteProperty(globalThis.WebAssembly, "instantiateStreaming");
  ObjectDefineProperty(globalThis, "crypto", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: restoreCrypto(),
    writable: true,
  });
}

export { defineGlobals, defineRestoredGlobals };
