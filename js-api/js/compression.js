// DecompressionStream: as deno_web's, but its output is made in steps, as fast as it is read, and input that ends too early is an
// error for every format.
// https://compression.spec.whatwg.org/#decompression-stream

import { core, primordials } from "ext:core/mod.js";
import { op_decompress_feed, op_decompress_finish, op_decompress_new, op_decompress_read } from "ext:core/ops";
import { slotNamed } from "ext:skerry/slots.js";

const { FunctionPrototypeCall, SafeFinalizationRegistry, TypedArrayPrototypeGetByteLength, TypeError } = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { TransformStream, TransformStreamDefaultController } = core.loadExtScript("ext:deno_web/06_streams.js");

const { enqueue } = TransformStreamDefaultController.prototype;
const BACKPRESSURE = slotNamed(new TransformStream(), "[[backpressure]]");
const BACKPRESSURE_CHANGE = slotNamed(new TransformStream(), "[[backpressureChangePromise]]");

const convertFormat = webidl.createEnumConverter("CompressionFormat", ["deflate", "deflate-raw", "gzip", "brotli"]);

let abandoned;

/** Made late, since a snapshot cannot hold a registry. */
function closeWhenAbandoned(decompressor, rid) {
  abandoned ??= new SafeFinalizationRegistry((held) => core.tryClose(held));
  abandoned.register(decompressor, rid, decompressor);
}

class DecompressionStream {
  #transform;

  constructor(format) {
    const prefix = "Failed to construct 'DecompressionStream'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    const decompressor = new Decompressor(convertFormat(format, prefix, "Argument 1"));
    const transform = new TransformStream({
      async transform(chunk, controller) {
        decompressor.feed(webidl.converters.BufferSource(chunk, prefix, "chunk"));
        let output = decompressor.read();
        while (output !== null) {
          FunctionPrototypeCall(enqueue, controller, output);
          output = decompressor.read();
          if (output !== null && transform[BACKPRESSURE]) {
            await transform[BACKPRESSURE_CHANGE].promise;
            if (decompressor.cancelled) {
              return;
            }
          }
        }
      },
      flush() {
        decompressor.finish();
      },
      cancel() {
        decompressor.cancel();
      },
    });
    this.#transform = transform;
    this[webidl.brand] = webidl.brand;
  }

  get readable() {
    webidl.assertBranded(this, DecompressionStreamPrototype);
    return this.#transform.readable;
  }

  get writable() {
    webidl.assertBranded(this, DecompressionStreamPrototype);
    return this.#transform.writable;
  }
}
webidl.configureInterface(DecompressionStream);
const DecompressionStreamPrototype = DecompressionStream.prototype;

/** Holds nothing natively before the first byte. */
class Decompressor {
  cancelled = false;
  #format;
  #rid = undefined;

  constructor(format) {
    this.#format = format;
  }

  feed(chunk) {
    if (this.#rid === undefined) {
      this.#rid = op_decompress_new(this.#format);
      closeWhenAbandoned(this, this.#rid);
    }
    op_decompress_feed(this.#rid, chunk);
  }

  /** The next bytes of what was fed last; null after all of them. */
  read() {
    const output = op_decompress_read(this.#rid);
    return TypedArrayPrototypeGetByteLength(output) === 0 ? null : output;
  }

  finish() {
    abandoned?.unregister(this);
    if (this.#rid === undefined || !op_decompress_finish(this.#rid)) {
      throw new TypeError("The compressed data ends too early");
    }
  }

  cancel() {
    this.cancelled = true;
    if (this.#rid !== undefined) {
      abandoned.unregister(this);
      core.tryClose(this.#rid);
    }
  }
}

export { DecompressionStream };
