// IdentityTransformStream and FixedLengthStream.
// https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/

import { core, primordials } from "ext:core/mod.js";
import { promisedLength } from "ext:skerry/body.js";
import { withOwnMethods } from "ext:skerry/byte_controller.js";

const {
  ArrayBufferIsView,
  BigInt,
  FunctionPrototypeCall,
  MathMin,
  Number,
  NumberIsInteger,
  ObjectGetOwnPropertyDescriptor,
  Promise,
  PromiseResolve,
  RangeError,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  TypedArrayPrototypeSlice,
  TypedArrayPrototypeSubarray,
  TypeError,
  Uint8Array,
} = primordials;

const abortSignal = core.loadExtScript("ext:deno_web/03_abort_signal.js");
const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { ReadableStream, TransformStream, WritableStream, WritableStreamDefaultController } = core.loadExtScript(
  "ext:deno_web/06_streams.js",
);

const { error: errorWritable } = WritableStreamDefaultController.prototype;
const getReason = ObjectGetOwnPropertyDescriptor(abortSignal.AbortSignal.prototype, "reason").get;
const getSignal = ObjectGetOwnPropertyDescriptor(WritableStreamDefaultController.prototype, "signal").get;

function bytesOf(chunk) {
  if (ArrayBufferIsView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (core.isAnyArrayBuffer(chunk)) {
    return new Uint8Array(chunk);
  }
  throw new TypeError("This stream takes bytes: write an ArrayBuffer or a view of one");
}

function writableStrategy(strategy) {
  const highWaterMark = strategy?.highWaterMark;
  return highWaterMark === undefined
    ? { __proto__: null, highWaterMark: 1 }
    : { __proto__: null, highWaterMark, size: (chunk) => chunk.byteLength };
}

/**
 * Passes bytes through unchanged and holds none of them: a write is done when a reader has taken its bytes.
 * The readable side is a byte stream (BYOB readers work).
 */
class IdentityTransformStream extends TransformStream {
  #readable;
  #writable;

  /** `strategy.highWaterMark` counts the bytes that may wait. */
  constructor(strategy = undefined) {
    super();
    this.#connect(strategy, (_length) => {}, () => {});
  }

  /** `count` sees the length of each chunk, `finish` the end; either may throw. */
  #connect(strategy, count, finish) {
    let controller;
    /** The write under way, with the bytes that are left of it. */
    let offered = null;
    /** Resolves the pull that waits for bytes. */
    let hungry = null;

    const serve = () => {
      if (offered === null || hungry === null) {
        return;
      }
      const { bytes } = offered;
      const request = controller.byobRequest;
      let taken = TypedArrayPrototypeGetByteLength(bytes);
      if (request === null) {
        controller.enqueue(TypedArrayPrototypeSlice(bytes));
      } else {
        const view = new Uint8Array(request.view.buffer, request.view.byteOffset, request.view.byteLength);
        taken = MathMin(taken, TypedArrayPrototypeGetByteLength(view));
        TypedArrayPrototypeSet(view, TypedArrayPrototypeSubarray(bytes, 0, taken));
        request.respond(taken);
      }
      const fed = hungry;
      hungry = null;
      if (taken === TypedArrayPrototypeGetByteLength(bytes)) {
        const { resolve } = offered;
        offered = null;
        resolve();
      } else {
        offered.bytes = TypedArrayPrototypeSubarray(bytes, taken);
      }
      fed();
    };

    let writableController;
    this.#writable = new WritableStream({
      start(c) {
        writableController = c;
        // abort() must not wait for a write that nobody reads.
        const signal = FunctionPrototypeCall(getSignal, c);
        signal[abortSignal.add](() => {
          offered?.reject(FunctionPrototypeCall(getReason, signal));
          offered = null;
        });
      },
      write(chunk) {
        const bytes = bytesOf(chunk);
        const length = TypedArrayPrototypeGetByteLength(bytes);
        if (length === 0) {
          return PromiseResolve();
        }
        try {
          count(length);
        } catch (error) {
          controller.error(error);
          throw error;
        }
        return new Promise((resolve, reject) => {
          offered = { bytes, resolve, reject };
          serve();
        });
      },
      close() {
        try {
          finish();
        } catch (error) {
          controller.error(error);
          throw error;
        }
        controller.close();
        controller.byobRequest?.respond(0);
        hungry?.();
      },
      abort(reason) {
        controller.error(reason);
      },
    }, writableStrategy(strategy));
    this.#readable = new ReadableStream({
      type: "bytes",
      start(c) {
        controller = withOwnMethods(c);
      },
      pull() {
        return new Promise((resolve) => {
          hungry = resolve;
          serve();
        });
      },
      cancel(reason) {
        const error = reason ?? new TypeError("The readable side was cancelled");
        offered?.reject(error);
        offered = null;
        FunctionPrototypeCall(errorWritable, writableController, error);
      },
    }, { __proto__: null, highWaterMark: 0 });
  }

  get readable() {
    return this.#readable;
  }

  get writable() {
    return this.#writable;
  }

  /** Lets FixedLengthStream set up the same machine with a count. */
  static connect(stream, strategy, count, finish) {
    stream.#connect(strategy, count, finish);
  }
}
const { connect } = IdentityTransformStream;
delete IdentityTransformStream.connect;
webidl.configureInterface(IdentityTransformStream);

/** An IdentityTransformStream that passes exactly `expectedLength` bytes; a body made of it has that `Content-Length`. */
class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, strategy = undefined) {
    webidl.requiredArguments(arguments.length, 1, "Failed to construct 'FixedLengthStream'");
    const expected = typeof expectedLength === "bigint" ? Number(BigInt(expectedLength)) : Number(expectedLength);
    if (!NumberIsInteger(expected) || expected < 0 || expected > 2 ** 53 - 1) {
      throw new RangeError("FixedLengthStream needs a length of 0 to 2^53 - 1 bytes");
    }
    super();
    let passed = 0;
    connect(
      this,
      strategy,
      (length) => {
        passed += length;
        if (passed > expected) {
          throw new TypeError(`More bytes were written to a FixedLengthStream than the ${expected} it was made for`);
        }
      },
      () => {
        if (passed < expected) {
          throw new TypeError(`A FixedLengthStream of ${expected} bytes was closed after ${passed}`);
        }
      },
    );
    promisedLength.set(this.readable, expected);
  }
}
webidl.configureInterface(FixedLengthStream);

export { FixedLengthStream, IdentityTransformStream };
