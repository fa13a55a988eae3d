// What Workers add to WebCrypto: `crypto.DigestStream` and `crypto.subtle.timingSafeEqual`.
// https://developers.cloudflare.com/workers/runtime-apis/web-crypto/

import { core, primordials } from "ext:core/mod.js";
import { op_digest_finish, op_digest_new, op_digest_update, op_timing_safe_equal } from "ext:core/ops";

const { ArrayBufferIsView, Promise, PromisePrototypeThen, StringPrototypeToUpperCase, TypeError, TypedArrayPrototypeGetBuffer, Uint8Array } =
  primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

function viewOf(data, what) {
  if (ArrayBufferIsView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (core.isAnyArrayBuffer(data)) {
    return new Uint8Array(data);
  }
  throw new TypeError(`${what} must be an ArrayBuffer or a view of one`);
}

/** A sink that hashes what is written to it; `digest` resolves to the hash when it is closed. */
class DigestStream extends WritableStream {
  #digest;
  #bytesWritten = 0n;

  constructor(algorithm) {
    webidl.requiredArguments(arguments.length, 1, "Failed to construct 'DigestStream'");
    const name = StringPrototypeToUpperCase(`${typeof algorithm === "string" ? algorithm : algorithm?.name}`);
    const hasher = op_digest_new(name);
    if (hasher === 0) {
      throw new DOMException(`DigestStream knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512, not "${name}"`, "NotSupportedError");
    }
    let settle, fail;
    const digest = new Promise((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    // A digest that nobody asks for must not count as an unhandled rejection.
    PromisePrototypeThen(digest, undefined, () => {});
    let self;
    super({
      write(chunk) {
        try {
          const bytes = typeof chunk === "string" ? core.encode(chunk) : viewOf(chunk, "A chunk of a DigestStream");
          op_digest_update(hasher, bytes);
          self.#bytesWritten += BigInt(bytes.byteLength);
        } catch (error) {
          fail(error);
          throw error;
        }
      },
      close() {
        settle(TypedArrayPrototypeGetBuffer(op_digest_finish(hasher)));
      },
      abort(reason) {
        fail(reason);
      },
    });
    self = this;
    this.#digest = digest;
  }

  get digest() {
    return this.#digest;
  }

  get bytesWritten() {
    return this.#bytesWritten;
  }
}
webidl.configureInterface(DigestStream);
const { BigInt } = primordials;

/** Compares two buffers of equal length in a time that does not depend on their contents. */
function timingSafeEqual(a, b) {
  const left = viewOf(a, "The first argument of timingSafeEqual");
  const right = viewOf(b, "The second argument of timingSafeEqual");
  if (left.byteLength !== right.byteLength) {
    throw new TypeError("timingSafeEqual needs buffers of the same length");
  }
  return op_timing_safe_equal(left, right);
}

export { DigestStream, timingSafeEqual, viewOf };
