// Bytes of messages: unsigned numbers in 7-bit groups (LEB128), texts as UTF-8 with their length.
//
// A message is one type byte, the fields of that type, and at its end the bytes of a value, if it has one. See session.js.

import { core, primordials } from "ext:skerry/rpc/platform.js";

const {
  Error,
  MathMax,
  NumberMAX_SAFE_INTEGER,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  Uint8Array,
} = primordials;

/** The largest message, as in Workers. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** The most names in a path (those that a stub adds come on top of those a worker writes). */
const MAX_PATH = 128;

/** A type of message, as those in session.js. */
const RELEASE = 4;

/** The far side broke the protocol: its session ends, and nothing else. */
class ProtocolError extends Error {
  constructor(what) {
    super(`The RPC session was ended, because the other side broke the protocol: ${what}`);
  }
}

class Writer {
  #bytes = new Uint8Array(96);
  #length = 0;

  #reserve(more) {
    const size = TypedArrayPrototypeGetByteLength(this.#bytes);
    if (this.#length + more > size) {
      const grown = new Uint8Array(MathMax(size * 2, this.#length + more));
      TypedArrayPrototypeSet(grown, this.#bytes);
      this.#bytes = grown;
    }
  }

  get length() {
    return this.#length;
  }

  byte(value) {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint(value) {
    this.#reserve(8);
    while (value >= 0x80) {
      this.#bytes[this.#length++] = (value % 0x80) + 0x80;
      value = (value - value % 0x80) / 0x80;
    }
    this.#bytes[this.#length++] = value;
  }

  text(value) {
    const encoded = core.encode(value);
    this.uint(TypedArrayPrototypeGetByteLength(encoded));
    this.raw(encoded);
  }

  raw(bytes) {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    this.#reserve(length);
    TypedArrayPrototypeSet(this.#bytes, bytes, this.#length);
    this.#length += length;
  }

  finish() {
    return new Uint8Array(TypedArrayPrototypeGetBuffer(this.#bytes), 0, this.#length);
  }
}

class Reader {
  #bytes;
  #at = 0;
  #length;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#length = TypedArrayPrototypeGetByteLength(bytes);
  }

  get left() {
    return this.#length - this.#at;
  }

  byte() {
    if (this.#at >= this.#length) {
      throw new ProtocolError("a message is too short");
    }
    return this.#bytes[this.#at++];
  }

  uint() {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > NumberMAX_SAFE_INTEGER) {
          break;
        }
        return value;
      }
      scale *= 0x80;
    }
    throw new ProtocolError("a number is too large");
  }

  text() {
    return core.decode(this.take(this.uint()));
  }

  /** A view of the next bytes. */
  take(length) {
    if (length > this.left) {
      throw new ProtocolError("a message is too short");
    }
    const start = TypedArrayPrototypeGetByteOffset(this.#bytes) + this.#at;
    this.#at += length;
    return new Uint8Array(TypedArrayPrototypeGetBuffer(this.#bytes), start, length);
  }

  rest() {
    return this.take(this.left);
  }

  end() {
    if (this.left > 0) {
      throw new ProtocolError("a message is too long");
    }
  }
}

export { MAX_MESSAGE_BYTES, MAX_PATH, ProtocolError, Reader, RELEASE, Writer };
