// Streams and signals as parts of values: what kind of stream it is, and an AbortSignal as a stream of its one event.

import { AbortController, primordials, ReadableStream, signals, streams } from "ext:skerry/rpc/platform.js";

const {
  ArrayPrototypePush,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  PromisePrototypeThen,
  ReflectGet,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetSymbolToStringTag,
  Uint8Array,
} = primordials;

/** Only byte streams have readers for buffers of the caller. The stream is not locked. */
function isByteStream(stream) {
  try {
    streams.releaseByob(streams.getReader(stream, { __proto__: null, mode: "byob" }));
    return true;
  } catch {
    return false;
  }
}

/** A stream that ends with the reason once the signal is aborted, and what the signal is now. */
function forwardSignal(signal) {
  if (signals.aborted(signal)) {
    return { __proto__: null, stream: null, state: { aborted: true, reason: signals.reason(signal) } };
  }
  let listener;
  const stream = new ReadableStream({
    __proto__: null,
    start(controller) {
      listener = () => {
        streams.enqueue(controller, { reason: signals.reason(signal) });
        streams.end(controller);
      };
      signals.addListener(signal, "abort", listener, { __proto__: null, once: true });
    },
    cancel() {
      signals.removeListener(signal, "abort", listener);
    },
  }, { __proto__: null, highWaterMark: 1 });
  return { __proto__: null, stream, state: { aborted: false } };
}

/** The signal at the other side. It follows the original until the group that it came in is disposed. */
function receivedSignal(stream, state, group) {
  const controller = new AbortController();
  if (stream === null) {
    signals.abort(controller, ReflectGet(state, "reason"));
  } else {
    const reader = streams.getReader(stream);
    PromisePrototypeThen(streams.read(reader), ({ done, value }) => {
      if (!done) {
        signals.abort(controller, ReflectGet(value, "reason"));
      }
    }, () => {});
    ArrayPrototypePush(group, () => {
      PromisePrototypeThen(streams.cancel(reader), undefined, () => {});
    });
  }
  return signals.signalOf(controller);
}

/** The bytes that a view shows. */
function viewBytes(view) {
  return TypedArrayPrototypeGetSymbolToStringTag(view) === undefined
    ? new Uint8Array(DataViewPrototypeGetBuffer(view), DataViewPrototypeGetByteOffset(view), DataViewPrototypeGetByteLength(view))
    : new Uint8Array(TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view), TypedArrayPrototypeGetByteLength(view));
}

export { forwardSignal, isByteStream, receivedSignal, viewBytes };
