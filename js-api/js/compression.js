// DecompressionStream: as deno_web's, but input that ends too early is an error for `deflate` and `deflate-raw` too.
// https://compression.spec.whatwg.org/#decompression-stream

import { core, primordials } from "ext:core/mod.js";
import {
  op_compression_finish,
  op_compression_new,
  op_compression_write,
  op_inflate_finish,
  op_inflate_new,
  op_inflate_write,
} from "ext:core/ops";

const { SafeFinalizationRegistry, TypedArrayPrototypeGetByteLength, TypeError } = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { TransformStream } = core.loadExtScript("ext:deno_web/06_streams.js");

const convertFormat = webidl.createEnumConverter("CompressionFormat", ["deflate", "deflate-raw", "gzip", "brotli"]);

let abandoned;

/** Made late, since a snapshot cannot hold a registry. */
function closeWhenAbandoned(inflater, rid) {
  abandoned ??= new SafeFinalizationRegistry((held) => core.tryClose(held));
  abandoned.register(inflater, rid, inflater);
}

class DecompressionStream {
  #transform;

  constructor(format) {
    const prefix = "Failed to construct 'DecompressionStream'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    format = convertFormat(format, prefix, "Argument 1");
    const decoder = format === "deflate" || format === "deflate-raw" ? new Inflater(format === "deflate") : new Decoder(format);
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        enqueue(controller, decoder.write(webidl.converters.BufferSource(chunk, prefix, "chunk")));
      },
      flush(controller) {
        enqueue(controller, decoder.finish());
      },
      cancel() {
        decoder.cancel();
      },
    });
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

function enqueue(controller, output) {
  if (output !== null && TypedArrayPrototypeGetByteLength(output) > 0) {
    controller.enqueue(output);
  }
}

/** Formats whose end deno_web checks. */
class Decoder {
  #resource;

  constructor(format) {
    this.#resource = op_compression_new(format, true);
  }

  write(chunk) {
    return op_compression_write(this.#resource, chunk);
  }

  finish() {
    return op_compression_finish(this.#resource, true);
  }

  cancel() {
    op_compression_finish(this.#resource, false);
  }
}

/** `deflate` and `deflate-raw`. Holds nothing natively before the first byte. */
class Inflater {
  #zlibHeader;
  #rid = undefined;

  constructor(zlibHeader) {
    this.#zlibHeader = zlibHeader;
  }

  write(chunk) {
    if (this.#rid === undefined) {
      this.#rid = op_inflate_new(this.#zlibHeader);
      closeWhenAbandoned(this, this.#rid);
    }
    return op_inflate_write(this.#rid, chunk);
  }

  finish() {
    abandoned?.unregister(this);
    if (this.#rid === undefined || !op_inflate_finish(this.#rid)) {
      throw new TypeError("The compressed data ends too early");
    }
    return null;
  }

  cancel() {
    if (this.#rid !== undefined) {
      abandoned.unregister(this);
      core.tryClose(this.#rid);
    }
  }
}

export { DecompressionStream };
