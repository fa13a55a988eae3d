// References: what a stub holds, and what stands in the tables of a session.
//
// A Ref is counted by its owners. `call(path, payload)` follows the names of `path` from what it refers to, and calls what is
// there with the arguments in `payload`, or reads it where `payload` is null. It takes the payload over, never throws, and gives an
// outcome: `promise` of the payload of the result (`thrown` says that it was thrown), and `pipeline`, a Ref to the result to come,
// which the caller of `call` owns. Calls on one Ref arrive in the order they were made in.

import { primordials } from "ext:skerry/rpc/platform.js";

const { ArrayPrototypePush, Error, Promise, PromisePrototypeThen, PromiseReject } = primordials;

class Ref {
  /** Of the session or the event that the reference belongs to. */
  hooks;
  #owners = 1;

  constructor(hooks) {
    this.hooks = hooks;
  }

  dup() {
    this.#owners++;
    return this;
  }

  get owners() {
    return this.#owners;
  }

  release() {
    if (--this.#owners === 0) {
      this.drop();
    }
  }

  /** The Ref for one call, which the caller releases: bindings open a session per call. */
  forCall() {
    return this.dup();
  }

  /** Called when the last owner has released it. */
  drop() {}

  /** Calls back, once, when the reference is of no use any more though nobody disposed it. */
  onBroken(_callback) {}
}

/** Payloads own references; one that will not be read gives them back. */
function releasePayload(payload) {
  const specials = payload?.specials;
  if (specials) {
    for (let i = 0; i < specials.length; i++) {
      specials[i].ref?.release();
      specials[i].ref = undefined;
    }
  }
}

/** Everything asked of it fails. `fail` makes the rejected promise, or the one of a payload that was thrown. */
class BrokenRef extends Ref {
  #fail;
  #error;

  constructor(hooks, error, fail = () => PromiseReject(error)) {
    super(hooks);
    this.#error = error;
    this.#fail = fail;
  }

  call(_path, payload) {
    releasePayload(payload);
    return { __proto__: null, promise: this.#fail(), pipeline: this.dup() };
  }

  onBroken(callback) {
    callback(this.#error);
  }
}

/** PromiseRefs about to be settled. */
const settling = [];

/** The result of a call that runs: calls on it wait in line until there is one. */
class PromiseRef extends Ref {
  #settled = null;
  #waiting = [];
  #dropped = false;

  call(path, payload) {
    if (this.#settled !== null) {
      return this.#settled.call(path, payload);
    }
    const pipeline = new PromiseRef(this.hooks);
    pipeline.dup();
    const promise = new Promise((resolve) => {
      ArrayPrototypePush(this.#waiting, (ref) => {
        const outcome = ref.call(path, payload);
        pipeline.settle(outcome.pipeline);
        pipeline.release();
        resolve(outcome.promise);
      });
    });
    return { __proto__: null, promise, pipeline };
  }

  /** Takes `ref` over. What waited is asked of it before anything else is. */
  settle(ref) {
    ArrayPrototypePush(settling, () => this.#settle(ref));
    if (settling.length > 1) {
      return;
    }
    // One after the other: of calls that wait for each other, each settles the next.
    try {
      for (let i = 0; i < settling.length; i++) {
        settling[i]();
      }
    } finally {
      settling.length = 0;
    }
  }

  #settle(ref) {
    // A call may be put in line by code that one of these calls runs.
    for (let i = 0; i < this.#waiting.length; i++) {
      this.#waiting[i](ref);
    }
    this.#waiting = [];
    this.#settled = ref;
    if (this.#dropped) {
      ref.release();
    }
  }

  onBroken(callback) {
    if (this.#settled !== null) {
      this.#settled.onBroken(callback);
    } else {
      ArrayPrototypePush(this.#waiting, (ref) => ref.onBroken(callback));
    }
  }

  drop() {
    this.#dropped = true;
    this.#settled?.release();
  }
}

const disposedError = (what) => new Error(`${what} used after being disposed.`);

/** For promises whose rejection somebody else reports. */
function ignoreRejection(promise) {
  PromisePrototypeThen(promise, undefined, () => {});
}

export { BrokenRef, disposedError, ignoreRejection, PromiseRef, Ref, releasePayload };
