// deno_fetch's inner body, mended: the stream of a static body is a byte stream, text is UTF-8 on the way from writing to
// reading, and methods of streams that worker code may have replaced are not called.

import { core, primordials } from "ext:core/mod.js";
import { giveLastingChunks } from "ext:skerry/lasting_chunks.js";

const {
  FunctionPrototypeCall,
  ObjectDefineProperties,
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeIsPrototypeOf,
  PromisePrototypeThen,
  SafeWeakMap,
  StringPrototypeCharCodeAt,
  StringPrototypeIsWellFormed,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSlice,
} = primordials;

const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const {
  acquireReadableStreamDefaultReader,
  createReadableByteStream,
  isReadableStreamDisturbed,
  isReadableStreamLocked,
  ReadableByteStreamController,
  readableByteStreamControllerClose,
  readableByteStreamControllerEnqueue,
  readableByteStreamControllerRespond,
  readableStreamCancel,
  readableStreamClose,
  readableStreamDisturb,
  readableStreamPipeTo,
  ReadableStreamPrototype,
  TransformStream,
} = core.loadExtScript("ext:deno_web/06_streams.js");

const BYTE_ORDER_MARK = 0xfeff;

const { consume: baseConsume, createProxy: baseCreateProxy } = InnerBody.prototype;
const getByobRequest = ObjectGetOwnPropertyDescriptor(ReadableByteStreamController.prototype, "byobRequest").get;
const getReadable = ObjectGetOwnPropertyDescriptor(TransformStream.prototype, "readable").get;
const getWritable = ObjectGetOwnPropertyDescriptor(TransformStream.prototype, "writable").get;

const noop = () => {};
const noopAsync = async () => {};

/** ReadableStream -> the text or bytes that it will give. */
const staticBodies = new SafeWeakMap();

function isStream(source) {
  return ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, source);
}

/** The stream of a static body; it is encoded, or copied, when it is read. */
function streamOf(body) {
  const stream = createReadableByteStream(noop, (controller) => {
    const bytes = typeof body === "string" ? core.encode(body) : TypedArrayPrototypeSlice(body);
    if (TypedArrayPrototypeGetByteLength(bytes) > 0) {
      readableByteStreamControllerEnqueue(controller, bytes);
    }
    try {
      readableByteStreamControllerClose(controller);
    } catch {
      // A reader of larger elements than bytes was left with a part of one: the stream has failed.
      return;
    }
    if (FunctionPrototypeCall(getByobRequest, controller) !== null) {
      readableByteStreamControllerRespond(controller, 0);
    }
  }, noopAsync);
  staticBodies.set(stream, body);
  return stream;
}

function usedStream() {
  const stream = createReadableByteStream(noop, noop, noopAsync);
  acquireReadableStreamDefaultReader(stream);
  readableStreamDisturb(stream);
  readableStreamClose(stream);
  return stream;
}

/** Uses up a stream that nobody has read or locked for the text or bytes it was made of; undefined where it was made of none. */
function takeStaticBody(stream) {
  const body = staticBodies.get(stream);
  if (body === undefined || isReadableStreamDisturbed(stream) || isReadableStreamLocked(stream)) {
    return undefined;
  }
  readableStreamDisturb(stream);
  readableStreamClose(stream);
  return body;
}

/** Whether text differs from what its UTF-8 bytes decode to. */
function changesInUtf8(text) {
  return StringPrototypeCharCodeAt(text, 0) === BYTE_ORDER_MARK || !StringPrototypeIsWellFormed(text);
}

function derive(from, source) {
  const body = new InnerBody(source);
  body.source = from.source;
  body.length = from.length;
  return body;
}

ObjectDefineProperties(InnerBody.prototype, {
  stream: {
    __proto__: null,
    get() {
      const source = this.streamOrStatic;
      if (!isStream(source)) {
        this.streamOrStatic = source.consumed ? usedStream() : streamOf(source.body);
      }
      return this.streamOrStatic;
    },
  },
  unusable: {
    __proto__: null,
    value: function unusable() {
      const source = this.streamOrStatic;
      return isStream(source) ? isReadableStreamLocked(source) || isReadableStreamDisturbed(source) : source.consumed;
    },
  },
  consume: {
    __proto__: null,
    value: function consume() {
      const source = this.streamOrStatic;
      if (isStream(source) && !isReadableStreamLocked(source)) {
        giveLastingChunks(source);
      }
      const body = FunctionPrototypeCall(baseConsume, this);
      return typeof body === "string" && changesInUtf8(body) ? core.encode(body) : body;
    },
  },
  cancel: {
    __proto__: null,
    value: function cancel(error) {
      const source = this.streamOrStatic;
      if (!isStream(source)) {
        source.consumed = true;
      } else if (!isReadableStreamLocked(source)) {
        PromisePrototypeThen(readableStreamCancel(source, error), undefined, noop);
      }
    },
  },
  createProxy: {
    __proto__: null,
    value: function createProxy() {
      const source = this.streamOrStatic;
      if (!isStream(source)) {
        return FunctionPrototypeCall(baseCreateProxy, this);
      }
      const body = takeStaticBody(source);
      if (body !== undefined) {
        return derive(this, { body, consumed: false });
      }
      const transform = new TransformStream();
      const piped = readableStreamPipeTo(source, FunctionPrototypeCall(getWritable, transform), false, false, false, undefined);
      PromisePrototypeThen(piped, undefined, noop);
      return derive(this, FunctionPrototypeCall(getReadable, transform));
    },
  },
});

export { takeStaticBody };
