// What is behind stubs, promises and properties: the reference they hold, and what disposing does.

import { decodeOutcome } from "ext:skerry/rpc/decode.js";
import { primordials } from "ext:skerry/rpc/platform.js";
import { BrokenRef, disposedError, ignoreRejection } from "ext:skerry/rpc/refs.js";
import { LocalRef } from "ext:skerry/rpc/targets.js";

const {
  ArrayPrototypePush,
  Error,
  ObjectHasOwn,
  PromisePrototypeThen,
  ReflectApply,
  ReflectDefineProperty,
  SafeWeakMap,
  SymbolDispose,
  TypeError,
} = primordials;

const STUB = 0;
const PROMISE = 1;
const PROPERTY = 2;
const ROOT = 3;

/** As in workerd. */
const MAX_PATH = 64;

/** proxy -> what is behind it */
const behind = new SafeWeakMap();

/** What is behind a stub, promise, property or binding; undefined for all else. */
function internalsOf(value) {
  return typeof value === "function" || (typeof value === "object" && value !== null) ? behind.get(value) : undefined;
}

/** Hooks for stubs that no session made: `new RpcStub()`. The platform sets them when it starts. */
let localHooks = () => {
  throw new Error("RPC stubs can only be made while an event is being handled");
};
function setLocalHooks(give) {
  localHooks = give;
}

class StubInternals {
  kind = STUB;
  /** null once disposed. */
  ref;

  constructor(ref) {
    this.ref = ref;
  }

  dispose() {
    const { ref } = this;
    this.ref = null;
    ref?.release();
  }

  collect() {
    if (this.ref === null) {
      throw disposedError("RPC stub");
    }
    return { __proto__: null, ref: this.ref.dup(), path: [] };
  }
}

/** A binding: its reference is the binding itself, a call opens a session. */
class RootInternals extends StubInternals {
  kind = ROOT;

  dispose() {}
}

class PropertyInternals {
  kind = PROPERTY;
  ref = null;
  parent;
  name;
  depth;

  constructor(parent, name) {
    this.parent = parent;
    this.name = name;
    this.depth = (parent.depth ?? 0) + 1;
    if (this.depth > MAX_PATH) {
      throw new TypeError(`RPC pipelined property path is too deep (max ${MAX_PATH}).`);
    }
  }

  collect() {
    const found = this.parent.collect();
    ArrayPrototypePush(found.path, this.name);
    return found;
  }

  dispose() {}
}

class PromiseInternals {
  kind = PROMISE;
  /** Calls made on the result before it is there; null then. */
  ref;
  promise;
  #disposed = false;
  #resolved = false;
  #result;
  #hooks;

  constructor(outcome, hooks) {
    this.ref = outcome.pipeline;
    this.#hooks = hooks;
    this.promise = PromisePrototypeThen(outcome.promise, (payload) => {
      const group = [];
      return PromisePrototypeThen(decodeOutcome(payload, hooks, group), (value) => this.#resolve(value, payload.hasDisposer, group), (error) => {
        disposeGroup(group);
        throw error;
      });
    });
    ignoreRejection(PromisePrototypeThen(this.promise, undefined, (error) => {
      // Later calls on it fail as it did, without a table entry at the far side.
      const { ref } = this;
      this.ref = this.#disposed ? null : new BrokenRef(hooks, error);
      ref?.release();
    }));
  }

  #resolve(value, hasDisposer, group) {
    const pipeline = this.ref;
    this.ref = null;
    this.#resolved = true;
    this.#result = value;
    if (internalsOf(value) === undefined && ((typeof value === "object" && value !== null) || typeof value === "function")) {
      let held = hasDisposer ? pipeline : null;
      ReflectDefineProperty(value, SymbolDispose, {
        __proto__: null,
        configurable: true,
        writable: true,
        enumerable: false,
        value: () => {
          disposeGroup(group);
          held?.release();
          held = null;
        },
      });
      if (!hasDisposer) {
        pipeline?.release();
      }
    } else {
      pipeline?.release();
    }
    if (this.#disposed) {
      disposeResult(value);
    }
    return value;
  }

  dispose() {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    ignoreRejection(this.promise);
    if (this.#resolved) {
      disposeResult(this.#result);
    }
  }

  collect() {
    if (this.#disposed) {
      throw disposedError("RPC promise");
    }
    // Whoever goes on from a promise hears of its failure there.
    ignoreRejection(this.promise);
    if (!this.#resolved) {
      return { __proto__: null, ref: this.ref.dup(), path: [] };
    }
    const internals = internalsOf(this.#result);
    if (internals !== undefined) {
      return internals.collect();
    }
    return { __proto__: null, ref: new LocalRef(this.#hooks, this.#result, { __proto__: null, own: true, copied: true }), path: [] };
  }
}

function disposeResult(value) {
  const internals = internalsOf(value);
  if (internals !== undefined) {
    internals.dispose();
  } else if (typeof value === "object" && value !== null && ObjectHasOwn(value, SymbolDispose)) {
    ReflectApply(value[SymbolDispose], value, []);
  }
}

/** Disposes what came with a value. May be called again. */
function disposeGroup(group) {
  for (let i = 0; i < group.length; i++) {
    if (typeof group[i] === "function") {
      group[i]();
    } else {
      group[i].dispose();
    }
  }
  group.length = 0;
}

/** The Ref to call, which the caller releases, and the names to follow from there. Throws for what is disposed. */
function refAndPath(internals) {
  return internals.collect();
}

export {
  behind,
  disposeGroup,
  internalsOf,
  localHooks,
  PROMISE,
  PromiseInternals,
  PROPERTY,
  PropertyInternals,
  refAndPath,
  RootInternals,
  setLocalHooks,
  STUB,
  StubInternals,
};
