// The tables of a session, and the values in its messages. See session.js.

import { Incoming, Outgoing } from "ext:skerry/rpc/flows.js";
import { primordials } from "ext:skerry/rpc/platform.js";
import { ignoreRejection } from "ext:skerry/rpc/refs.js";
import { ANSWER, ImportRef, OF_RECEIVER, OF_SENDER } from "ext:skerry/rpc/session_refs.js";
import { ERROR, HTTP, PROMISE, READABLE, REF, SIGNAL, WRITABLE } from "ext:skerry/rpc/specials.js";
import { LocalRef } from "ext:skerry/rpc/targets.js";
import { MAX_MESSAGE_BYTES, MAX_PATH, ProtocolError, RELEASE, Writer } from "ext:skerry/rpc/wire.js";

const { ArrayPrototypePush, Error, SafeMap } = primordials;

// How a value goes.
const NOTHING = 0;
const PLAIN = 1;
const WITH_SPECIALS = 2;

/** The most entries of a table: exports, imports, calls at once in each direction. */
const MAX_TABLE = 65_536;
const MAX_FLOWS = 1_024;
const ROOT_ID = 0;

/** What a session gave and was given: exports, imports, streams; and how they stand in messages. */
class Tables {
  hooks;
  /** Why it broke, or null. */
  error = null;
  channel;
  closed = false;
  exports = new SafeMap();
  exportIds = new SafeMap();
  nextExport = 1;
  imports = new SafeMap();
  answers = new SafeMap();
  flows = new SafeMap();
  nextFlow = 1;
  lastFarFlow = 0;
  /** What starts once the message under way is sent. */
  starts = [];
  counts = { __proto__: null, exports: 0, imports: 0, questions: 0, answers: 0, flows: 0 };

  constructor(channel, hooks) {
    this.channel = channel;
    this.hooks = hooks;
  }

  /** The reference to the far side's target. */
  importRoot() {
    const root = new ImportRef(this, ROOT_ID);
    this.imports.set(ROOT_ID, root);
    this.counts.imports++;
    return root;
  }

  exportRoot(target) {
    const ref = new LocalRef(this.hooks, target, { __proto__: null, own: false, root: true });
    this.exports.set(ROOT_ID, { __proto__: null, ref, count: 1 });
    this.exportIds.set(ref, ROOT_ID);
    this.counts.exports++;
  }

  get ended() {
    return this.closed || this.error !== null;
  }

  send(writer) {
    if (this.ended) {
      return;
    }
    if (writer.length > MAX_MESSAGE_BYTES) {
      throw new Error(`An RPC message is limited to 32 MiB, and has ${writer.length} bytes`);
    }
    try {
      this.channel.send(writer.finish());
    } catch (error) {
      this.broken(error);
      return;
    }
    const starts = this.starts;
    if (starts.length > 0) {
      this.starts = [];
      for (let i = 0; i < starts.length; i++) {
        starts[i]();
      }
    }
  }

  writePath(writer, path) {
    writer.uint(path.length);
    for (let i = 0; i < path.length; i++) {
      writer.text(path[i]);
    }
  }

  readPath(reader) {
    const length = reader.uint();
    if (length > MAX_PATH) {
      throw new ProtocolError("a path is too deep");
    }
    const path = [];
    for (let i = 0; i < length; i++) {
      ArrayPrototypePush(path, reader.text());
    }
    return path;
  }

  sendNumbers(type, first, second) {
    const writer = new Writer();
    writer.byte(type);
    writer.uint(first);
    if (second !== undefined) {
      writer.uint(second);
    }
    this.send(writer);
  }

  dropImport(ref) {
    if (this.ended || this.imports.get(ref.id) !== ref) {
      return;
    }
    this.imports.delete(ref.id);
    this.counts.imports--;
    this.sendNumbers(RELEASE, ref.id, ref.came);
    this.settle();
  }

  onRelease(reader) {
    const id = reader.uint();
    const count = reader.uint();
    reader.end();
    const entry = this.exports.get(id);
    if (entry === undefined || count === 0 || count > entry.count) {
      throw new ProtocolError("a reference is released more often than it was given");
    }
    entry.count -= count;
    if (entry.count === 0) {
      this.exports.delete(id);
      this.exportIds.delete(entry.ref);
      this.counts.exports--;
      entry.ref.release();
      this.settle();
    }
  }

  /** Ends the session when nothing is left of it. */
  settle() {
    const { exports, imports, questions, answers, flows } = this.counts;
    if (exports + imports + questions + answers + flows === 0 && !this.ended) {
      this.closed = true;
      this.hooks.onIdle?.();
    }
  }

  // References in messages.

  /** Writes a reference, which it takes over. */
  writeRef(writer, ref) {
    if (ref.session === this) {
      // It goes home: this side's own release comes behind this message.
      writer.byte(ref.kind);
      writer.uint(ref.id);
      ArrayPrototypePush(this.starts, () => ref.release());
      return;
    }
    let id = this.exportIds.get(ref);
    if (id === undefined) {
      if (this.counts.exports >= MAX_TABLE) {
        ref.release();
        throw new Error(`More than ${MAX_TABLE} references are held by the other side of an RPC session: dispose stubs that are not needed any more`);
      }
      id = this.nextExport++;
      this.exports.set(id, { __proto__: null, ref, count: 1 });
      this.exportIds.set(ref, id);
      this.counts.exports++;
    } else {
      this.exports.get(id).count++;
      ref.release();
    }
    writer.byte(OF_SENDER);
    writer.uint(id);
  }

  /** The target of a call: something of this side. */
  readTarget(reader) {
    return this.ownRef(reader.byte(), reader.uint());
  }

  ownRef(kind, id) {
    if (kind === OF_RECEIVER) {
      const entry = this.exports.get(id);
      if (entry !== undefined) {
        return entry.ref.dup();
      }
    } else if (kind === ANSWER) {
      const answer = this.answers.get(id);
      if (answer !== undefined && answer.pipeline !== null) {
        return answer.pipeline.dup();
      }
    }
    throw new ProtocolError("a reference that was not given, or is released");
  }

  readRef(reader) {
    const kind = reader.byte();
    const id = reader.uint();
    if (kind === OF_SENDER) {
      const known = this.imports.get(id);
      if (known !== undefined) {
        known.came++;
        return known.dup();
      }
      if (this.counts.imports >= MAX_TABLE) {
        throw new ProtocolError(`more than ${MAX_TABLE} references`);
      }
      const ref = new ImportRef(this, id);
      this.imports.set(id, ref);
      this.counts.imports++;
      return ref;
    }
    return this.ownRef(kind, id);
  }

  /** Writes a payload to the end of a message; takes its references over. */
  writePayload(writer, payload) {
    const { bytes, specials } = payload;
    if (bytes === null) {
      writer.byte(NOTHING);
      return;
    }
    if (specials === null) {
      writer.byte(PLAIN);
      writer.raw(bytes);
      return;
    }
    writer.byte(WITH_SPECIALS);
    writer.uint(specials.length);
    writer.uint(payload.extras);
    for (let i = 0; i < specials.length; i++) {
      this.writeSpecial(writer, specials[i]);
    }
    writer.raw(bytes);
  }

  writeSpecial(writer, special) {
    const { kind, ref } = special;
    writer.byte(kind);
    if (kind === REF || kind === PROMISE) {
      special.ref = undefined;
      this.writeRef(writer, ref);
      if (kind === PROMISE) {
        this.writePath(writer, special.path);
      }
    } else if (kind === READABLE) {
      writer.uint(this.sendStream(special.stream, special.bytes));
      writer.byte(special.bytes ? 1 : 0);
    } else if (kind === WRITABLE) {
      const { id, key } = this.newFlow();
      const flow = new Incoming(this, key);
      flow.writeTo(special.stream);
      this.addFlow(key, flow);
      writer.uint(id);
    } else {
      writer.uint(special.extra);
      if (kind === SIGNAL) {
        writer.uint(special.stream === null ? 0 : this.sendStream(special.stream, false));
      }
    }
  }

  readPayload(reader, only = undefined) {
    const payload = { __proto__: null, bytes: null, specials: null, extras: 0, thrown: true, hasDisposer: false };
    const form = reader.byte();
    if (form === NOTHING) {
      reader.end();
    } else if (form === PLAIN) {
      payload.bytes = reader.rest();
    } else if (form === WITH_SPECIALS) {
      const count = reader.uint();
      payload.extras = reader.uint();
      if (count > MAX_TABLE || count > reader.left || payload.extras > count) {
        throw new ProtocolError("a value has too many references");
      }
      payload.specials = [];
      for (let i = 0; i < count; i++) {
        ArrayPrototypePush(payload.specials, this.readSpecial(reader, payload.extras, only));
      }
      payload.bytes = reader.rest();
    } else {
      throw new ProtocolError("a value of unknown form");
    }
    return payload;
  }

  readSpecial(reader, extras, only) {
    const kind = reader.byte();
    const special = { __proto__: null, kind };
    if (only !== undefined && kind !== only) {
      throw new ProtocolError("a reference where none may be");
    }
    switch (kind) {
      case REF:
        special.ref = this.readRef(reader);
        break;
      case PROMISE:
        special.ref = this.readRef(reader);
        special.path = this.readPath(reader);
        break;
      case READABLE: {
        const flow = this.farFlow(reader.uint(), Incoming);
        special.bytes = reader.byte() === 1;
        special.stream = flow.readable(special.bytes);
        break;
      }
      case WRITABLE:
        special.stream = this.farFlow(reader.uint(), Outgoing).writable();
        break;
      case ERROR:
      case HTTP:
      case SIGNAL:
        special.extra = reader.uint();
        if (special.extra >= extras) {
          throw new ProtocolError("a value does not fit its references");
        }
        if (kind === SIGNAL) {
          const id = reader.uint();
          special.stream = id === 0 ? null : this.farFlow(id, Incoming).readable(false);
        }
        break;
      default:
        throw new ProtocolError("a reference of unknown kind");
    }
    return special;
  }

  // Streams. The key of a flow is its id and who gave the id: 2 * id for this side, 2 * id + 1 for the far side.

  newFlow() {
    if (this.counts.flows >= MAX_FLOWS) {
      throw new Error(`More than ${MAX_FLOWS} streams are open in one RPC session: read or cancel some first`);
    }
    const id = this.nextFlow++;
    return { __proto__: null, id, key: id * 2 };
  }

  addFlow(key, flow) {
    this.flows.set(key, flow);
    this.counts.flows++;
  }

  sendStream(stream, ofBytes) {
    const { id, key } = this.newFlow();
    const flow = new Outgoing(this, key);
    this.addFlow(key, flow);
    ArrayPrototypePush(this.starts, () => ignoreRejection(flow.pump(stream, ofBytes)));
    return id;
  }

  farFlow(id, Flow) {
    if (id !== this.lastFarFlow + 1 || this.counts.flows >= MAX_FLOWS) {
      throw new ProtocolError("streams are out of order, or too many");
    }
    this.lastFarFlow = id;
    const flow = new Flow(this, id * 2 + 1);
    this.addFlow(flow.key, flow);
    return flow;
  }

  sendFlow(key, type, write = undefined) {
    const writer = new Writer();
    writer.byte(type);
    writer.uint(key);
    write?.(writer);
    this.send(writer);
  }

  forgetFlow(key) {
    if (this.flows.delete(key)) {
      this.counts.flows--;
      this.settle();
    }
  }

  onFlow(type, reader) {
    const farKey = reader.uint();
    const mine = farKey % 2 === 1;
    const id = (farKey - farKey % 2) / 2;
    const flow = this.flows.get(mine ? id * 2 : id * 2 + 1);
    if (flow !== undefined) {
      flow.onMessage(type, reader);
    } else if (id === 0 || id > (mine ? this.nextFlow - 1 : this.lastFarFlow)) {
      throw new ProtocolError("a message for no stream");
    }
    // Else it ended here while the message was under way.
  }
}

export { MAX_TABLE, Tables };
