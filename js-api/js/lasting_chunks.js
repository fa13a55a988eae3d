// The library reads a chunk of a body first and takes its bytes later: by then a resizable buffer may have lost them. So of these
// buffers it gets copies. (Copies of all chunks would take a fifth to a half of a stream's speed.)

import { core, primordials } from "ext:core/mod.js";
import { slotNamed } from "ext:skerry/slots.js";

const {
  ArrayBufferPrototypeGetResizable,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectHasOwn,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  Uint8Array,
} = primordials;

const { ReadableStream, ReadableStreamDefaultController } = core.loadExtScript("ext:deno_web/06_streams.js");

const CONTROLLER = slotNamed(new ReadableStream(), "[[controller]]");
const PULL_STEPS = slotNamed(ReadableStreamDefaultController.prototype, "[[PullSteps]]");

/** Has whoever reads a stream from now on get chunks that keep their bytes. */
function giveLastingChunks(stream) {
  const controller = stream[CONTROLLER];
  if (ObjectHasOwn(controller, PULL_STEPS)) {
    return;
  }
  const pullSteps = controller[PULL_STEPS];
  let lasting;
  // As an assignment would define it, which V8 has a fast path for.
  ObjectDefineProperty(controller, PULL_STEPS, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value(readRequest) {
      // The library reads with one request again and again.
      if (lasting === undefined || lasting.inner !== readRequest) {
        lasting = new LastingRequest(readRequest);
      }
      return FunctionPrototypeCall(pullSteps, this, lasting);
    },
    writable: true,
  });
}

/** A read request that gives another one chunks that keep their bytes. */
class LastingRequest {
  constructor(inner) {
    this.inner = inner;
  }

  chunkSteps(chunk) {
    this.inner.chunkSteps(lastingChunk(chunk));
  }

  closeSteps() {
    this.inner.closeSteps();
  }

  errorSteps(error) {
    this.inner.errorSteps(error);
  }
}

/** What is not bytes is refused later; a view of what is gone already cannot be copied, and has no bytes. */
function lastingChunk(chunk) {
  const isBytes = TypedArrayPrototypeGetSymbolToStringTag(chunk) === "Uint8Array";
  const canVanish = isBytes && ArrayBufferPrototypeGetResizable(TypedArrayPrototypeGetBuffer(chunk));
  return canVanish && TypedArrayPrototypeGetByteLength(chunk) > 0 ? new Uint8Array(chunk) : chunk;
}

export { giveLastingChunks };
