// The streams of a session. Each is a flow: one side has the chunks, the other takes them.
//
// The taker lets WINDOW_BYTES be under way, and gives back (CREDIT) what has been read. Bytes go as they are, other chunks as
// values. Who has the chunks ends a flow with END or FAIL, who takes them with STOP; END of a WritableStream is answered by DONE
// once the stream is closed.

import { MAX_MESSAGE_BYTES, ProtocolError } from "ext:skerry/rpc/wire.js";
import { ignoreRejection } from "ext:skerry/rpc/refs.js";
import { primordials, ReadableStream, streams, WritableStream } from "ext:skerry/rpc/platform.js";
import { decode, decodeOutcome } from "ext:skerry/rpc/decode.js";
import { encode, encodeThrown } from "ext:skerry/rpc/encode.js";
import { ERROR } from "ext:skerry/rpc/specials.js";
import { viewBytes } from "ext:skerry/rpc/stream_values.js";

const {
  ArrayBufferIsView,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  MathMin,
  Promise,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSlice,
  TypeError,
  Uint8Array,
} = primordials;

/** What may be under way unread in a flow. */
const WINDOW_BYTES = 256 * 1024;
/** What a chunk counts beside its bytes, so that empty ones are not free. */
const CHUNK_OVERHEAD_BYTES = 32;
/** Bytes of a byte stream go in pieces of this. */
const PIECE_BYTES = 64 * 1024;

const DATA = 5;
const END = 6;
const FAIL = 7;
const CREDIT = 8;
const STOP = 9;
const DONE = 10;

const BYTES = 0;
const VALUE = 1;

/** The side that has the chunks. `session.sendFlow(key, type, write)` sends a message of it. */
class Outgoing {
  session;
  key;
  #credit = WINDOW_BYTES;
  #resume = null;
  #stopped = null;
  #finished = false;
  onStop = (_error) => {};
  /** Resolves close() of a WritableStream. */
  #closed = null;

  constructor(session, key) {
    this.session = session;
    this.key = key;
  }

  /** Resolves when the next chunk may go. */
  #turn() {
    if (this.#stopped !== null) {
      return PromiseReject(this.#stopped.error);
    }
    if (this.#credit > 0) {
      return PromiseResolve();
    }
    return new Promise((resolve, reject) => {
      this.#resume = { __proto__: null, resolve, reject };
    });
  }

  async send(chunk, inPieces) {
    if (ArrayBufferIsView(chunk) && (inPieces || TypedArrayPrototypeGetSymbolToStringTag(chunk) === "Uint8Array")) {
      const bytes = viewBytes(chunk);
      const length = TypedArrayPrototypeGetByteLength(bytes);
      if (!inPieces) {
        await this.#turn();
        this.#put(BYTES, bytes, length);
        return;
      }
      for (let at = 0; at < length; at += PIECE_BYTES) {
        await this.#turn();
        const piece = MathMin(PIECE_BYTES, length - at);
        this.#put(BYTES, new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + at, piece), piece);
      }
      return;
    }
    const payload = encode([chunk], this.session.hooks, { __proto__: null, result: [] });
    for (let i = 0; i < (payload.specials?.length ?? 0); i++) {
      if (payload.specials[i].kind !== ERROR) {
        throw new TypeError("Chunks of a stream that is sent over RPC must be bytes or plain data, without references");
      }
    }
    await this.#turn();
    this.#put(VALUE, payload, TypedArrayPrototypeGetByteLength(payload.bytes));
  }

  #put(kind, content, length) {
    if (length > MAX_MESSAGE_BYTES - 65_536) {
      throw new TypeError(`A chunk of a stream sent over RPC is limited to 32 MiB, and has ${length} bytes`);
    }
    this.#credit -= length + CHUNK_OVERHEAD_BYTES;
    this.session.sendFlow(this.key, DATA, (writer) => {
      writer.byte(kind);
      if (kind === BYTES) {
        writer.raw(content);
      } else {
        this.session.writePayload(writer, content);
      }
    });
  }

  /** The ReadableStream's chunks go over. */
  async pump(stream, inPieces) {
    let reader;
    try {
      reader = streams.getReader(stream);
      this.onStop = (error) => ignoreRejection(streams.cancel(reader, error));
      for (;;) {
        await this.#turn();
        const { done, value } = await streams.read(reader);
        if (done) {
          this.#finish(END);
          return;
        }
        await this.send(value, inPieces);
      }
    } catch (error) {
      if (this.#stopped === null) {
        this.fail(error);
        if (reader !== undefined) {
          ignoreRejection(streams.cancel(reader, error));
        }
      }
    }
  }

  #finish(type, write) {
    if (!this.#finished && this.#stopped === null) {
      this.#finished = true;
      this.session.sendFlow(this.key, type, write);
      this.session.forgetFlow(this.key);
    }
  }

  fail(error) {
    const payload = encodeThrown(error, this.session.hooks);
    this.#finish(FAIL, (writer) => this.session.writePayload(writer, payload));
  }

  /** A WritableStream whose chunks go over. */
  writable() {
    return new WritableStream({
      __proto__: null,
      start: (controller) => {
        this.onStop = (error) => streams.failWritable(controller, error);
      },
      write: (chunk) => this.send(chunk, false),
      close: () => {
        if (this.#stopped !== null) {
          return PromiseReject(this.#stopped.error);
        }
        return new Promise((resolve, reject) => {
          this.#closed = { __proto__: null, resolve, reject };
          this.session.sendFlow(this.key, END);
        });
      },
      abort: (reason) => this.fail(reason),
    }, { __proto__: null, highWaterMark: 1 });
  }

  onMessage(type, reader) {
    if (type === CREDIT) {
      const more = reader.uint();
      reader.end();
      if (this.#credit + more > WINDOW_BYTES) {
        throw new ProtocolError("a stream was given back more than was sent");
      }
      this.#credit += more;
      if (this.#credit > 0) {
        this.#resume?.resolve();
        this.#resume = null;
      }
    } else if (type === STOP) {
      const payload = this.session.readPayload(reader);
      this.session.forgetFlow(this.key);
      ignoreRejection(PromisePrototypeThen(decodeOutcome(payload, this.session.hooks, []), undefined, (error) => this.break(error)));
    } else if (type === DONE && this.#closed !== null) {
      reader.end();
      this.session.forgetFlow(this.key);
      this.#closed.resolve();
    } else {
      throw new ProtocolError("a message for the other side of a stream");
    }
  }

  /** No chunk will be taken any more. */
  break(error) {
    if (this.#stopped !== null) {
      return;
    }
    this.#stopped = { __proto__: null, error };
    this.#resume?.reject(error);
    this.#closed?.reject(error);
    this.onStop(error);
  }
}

/** The side that takes the chunks. */
class Incoming {
  session;
  key;
  #window = WINDOW_BYTES;
  #used = 0;
  #ended = false;
  #ending = false;
  /** How chunks are taken: `{ chunk(value, size), end(), fail(error) }`; `keepsOpen` where the end is answered. */
  #sink = null;

  constructor(session, key) {
    this.session = session;
    this.key = key;
  }

  #release(size) {
    this.#used += size;
    if (this.#used >= WINDOW_BYTES / 2 && !this.#ended) {
      const { session } = this;
      const credit = this.#used;
      this.#window += credit;
      this.#used = 0;
      session.sendFlow(this.key, CREDIT, (writer) => writer.uint(credit));
    }
  }

  stop(reason) {
    if (!this.#ended) {
      this.#ended = true;
      const payload = encodeThrown(reason, this.session.hooks);
      this.session.sendFlow(this.key, STOP, (writer) => this.session.writePayload(writer, payload));
      this.session.forgetFlow(this.key);
    }
  }

  /** A ReadableStream of the chunks. */
  readable(ofBytes) {
    const waiting = [];
    let controller;
    let hungry = null;
    let end = null;
    const enqueue = ofBytes ? streams.enqueueBytes : streams.enqueue;
    const serve = () => {
      if (waiting.length > 0) {
        if (hungry !== null) {
          const { value, size } = ArrayPrototypeShift(waiting);
          const resolve = hungry;
          hungry = null;
          enqueue(controller, value);
          this.#release(size);
          resolve();
        }
      } else if (end !== null) {
        end();
        end = null;
        hungry?.();
      }
    };
    this.#sink = {
      __proto__: null,
      chunk: (value, size) => {
        if (ofBytes && (!ArrayBufferIsView(value) || TypedArrayPrototypeGetByteLength(value) === 0)) {
          throw new ProtocolError("a byte stream has a chunk without bytes");
        }
        ArrayPrototypePush(waiting, { __proto__: null, value, size });
        serve();
      },
      end: () => {
        end = () => {
          if (!ofBytes) {
            streams.end(controller);
            return;
          }
          streams.endBytes(controller);
          const request = streams.byobRequest(controller);
          if (request !== null) {
            streams.respond(request, 0);
          }
        };
        serve();
      },
      fail: (error) => {
        end = null;
        waiting.length = 0;
        (ofBytes ? streams.failBytes : streams.fail)(controller, error);
        hungry?.();
      },
    };
    return new ReadableStream({
      __proto__: null,
      type: ofBytes ? "bytes" : undefined,
      start(c) {
        controller = c;
      },
      pull() {
        return new Promise((resolve) => {
          hungry = resolve;
          serve();
        });
      },
      cancel: (reason) => {
        waiting.length = 0;
        end = null;
        this.stop(reason);
      },
    }, { __proto__: null, highWaterMark: 0 });
  }

  /** The chunks are written to a WritableStream of worker code. */
  writeTo(stream) {
    const writer = streams.getWriter(stream);
    const stop = (error) => this.stop(error);
    this.#sink = {
      __proto__: null,
      chunk: (value, size) => {
        PromisePrototypeThen(streams.write(writer, value), () => this.#release(size), stop);
      },
      end: () => {
        PromisePrototypeThen(streams.close(writer), () => {
          if (!this.#ended) {
            this.#ended = true;
            this.session.sendFlow(this.key, DONE);
            this.session.forgetFlow(this.key);
          }
        }, stop);
      },
      fail: (error) => ignoreRejection(streams.abort(writer, error)),
      keepsOpen: true,
    };
  }

  onMessage(type, reader) {
    if (this.#ending) {
      throw new ProtocolError("a stream goes on after its end");
    }
    if (type === DATA) {
      const kind = reader.byte();
      const size = reader.left;
      if (this.#window <= 0) {
        throw new ProtocolError("a stream sends more than was asked for");
      }
      if (kind === BYTES) {
        this.#window -= size + CHUNK_OVERHEAD_BYTES;
        this.#sink.chunk(TypedArrayPrototypeSlice(reader.rest()), size + CHUNK_OVERHEAD_BYTES);
        return;
      }
      const payload = this.session.readPayload(reader, ERROR);
      const cost = TypedArrayPrototypeGetByteLength(payload.bytes ?? new Uint8Array(0)) + CHUNK_OVERHEAD_BYTES;
      this.#window -= cost;
      this.#sink.chunk(decode(payload, this.session.hooks, [])?.[0], cost);
    } else if (type === END) {
      reader.end();
      this.#ending = true;
      if (!this.#sink.keepsOpen) {
        this.#ended = true;
        this.session.forgetFlow(this.key);
      }
      this.#sink.end();
    } else if (type === FAIL) {
      const payload = this.session.readPayload(reader, ERROR);
      this.#ending = true;
      this.session.forgetFlow(this.key);
      ignoreRejection(PromisePrototypeThen(decodeOutcome(payload, this.session.hooks, []), undefined, (error) => this.break(error)));
    } else {
      throw new ProtocolError("a message for the other side of a stream");
    }
  }

  /** No chunk will come any more. */
  break(error) {
    if (!this.#ended) {
      this.#ended = true;
      this.#sink.fail(error);
    }
  }
}

/** Whether a type of message is about streams. */
const isFlowMessage = (type) => type >= DATA && type <= DONE;

export { Incoming, isFlowMessage, Outgoing };
