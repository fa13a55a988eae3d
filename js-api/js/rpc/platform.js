// What the files of this folder use of the engine and of the libraries: the one place that knows where it comes from.
//
// Nothing here looks at what worker code may have put on prototypes. The tests give `ext:core/mod.js` with Node.js (tests/rpc).

import { core, primordials } from "ext:core/mod.js";

const { ObjectGetOwnPropertyDescriptor, uncurryThis } = primordials;

const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { AbortController, AbortSignal } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const { EventTarget } = core.loadExtScript("ext:deno_web/02_event.js");
const {
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} = core.loadExtScript("ext:deno_web/06_streams.js");

const method = (class_, name) => uncurryThis(class_.prototype[name]);
const getter = (class_, name) => uncurryThis(ObjectGetOwnPropertyDescriptor(class_.prototype, name).get);

/** Methods of streams, with the stream as the first argument. */
const streams = {
  __proto__: null,
  getReader: method(ReadableStream, "getReader"),
  isLockedReadable: getter(ReadableStream, "locked"),
  isLockedWritable: getter(WritableStream, "locked"),
  getWriter: method(WritableStream, "getWriter"),
  read: method(ReadableStreamDefaultReader, "read"),
  cancel: method(ReadableStreamDefaultReader, "cancel"),
  releaseByob: method(ReadableStreamBYOBReader, "releaseLock"),
  write: method(WritableStreamDefaultWriter, "write"),
  close: method(WritableStreamDefaultWriter, "close"),
  abort: method(WritableStreamDefaultWriter, "abort"),
  enqueue: method(ReadableStreamDefaultController, "enqueue"),
  end: method(ReadableStreamDefaultController, "close"),
  fail: method(ReadableStreamDefaultController, "error"),
  enqueueBytes: method(ReadableByteStreamController, "enqueue"),
  endBytes: method(ReadableByteStreamController, "close"),
  failBytes: method(ReadableByteStreamController, "error"),
  byobRequest: getter(ReadableByteStreamController, "byobRequest"),
  respond: method(ReadableStreamBYOBRequest, "respond"),
  failWritable: method(WritableStreamDefaultController, "error"),
};

const signals = {
  __proto__: null,
  abort: method(AbortController, "abort"),
  signalOf: getter(AbortController, "signal"),
  aborted: getter(AbortSignal, "aborted"),
  reason: getter(AbortSignal, "reason"),
  addListener: method(EventTarget, "addEventListener"),
  removeListener: method(EventTarget, "removeEventListener"),
};

export { AbortController, AbortSignal, core, DOMException, primordials, ReadableStream, signals, streams, WritableStream };
