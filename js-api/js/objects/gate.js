// The input gate of an object. While a critical section (`blockConcurrencyWhile()`, `transaction()`) runs, nothing else of the object goes
// on: events, timers and answers that come wait, but for those that the section itself waits for. Sections nest.
//
// Storage needs no gate: it answers before anything else can come. So those that have waited come in one by one: each does first what it
// does without waiting for anything but storage.

import { primordials } from "ext:core/mod.js";
import { op_void_async_deferred } from "ext:core/ops";

const { Error, PromisePrototypeThen } = primordials;

const DEPTH_MAX = 64;

/** The gate of an object, or within a section of it the one for what that section starts. */
class InputGate {
  parent;
  depth;
  /** The section has ended: what it left behind goes through the gate around it. */
  isOver = false;
  /** The section that runs within. */
  #section = undefined;
  /** What waits, in its order: a list of `{ run, next }`. */
  #first = undefined;
  #last = undefined;
  /** One that has waited was let in, and may still do what it does at once. */
  #isBusy = false;

  constructor(parent) {
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Runs something now, or when the gate is open. It must not throw. The host sees to it that nothing else comes meanwhile. */
  pass(run) {
    if (this.#section === undefined && this.#first === undefined && !this.#isBusy) {
      run();
    } else {
      this.#append(run);
    }
  }

  /** The same for what the host brings together with others. */
  passAlone(run) {
    this.#append(run);
    this.#admit();
  }

  #append(run) {
    const entry = { __proto__: null, run, next: undefined };
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.next = entry;
    }
    this.#last = entry;
  }

  /** Lets in the first that waits, if nothing is in its way, and the next when that has done what it does at once. */
  #admit() {
    if (this.#isBusy || this.#section !== undefined || this.#first === undefined) {
      return;
    }
    const { run, next } = this.#first;
    this.#first = next;
    if (next === undefined) {
      this.#last = undefined;
    }
    this.#isBusy = true;
    PromisePrototypeThen(op_void_async_deferred(), () => {
      this.#isBusy = false;
      this.#admit();
    });
    run();
  }

  /**
   * Begins a section now, since whoever asks for it is in, or when those before it are over. `begin` is given its gate, and ends it with
   * `leave()`.
   */
  enter(begin) {
    if (this.depth >= DEPTH_MAX) {
      throw new Error("blockConcurrencyWhile() calls are nested too deeply.");
    }
    const start = () => {
      this.#section = new InputGate(this);
      begin(this.#section);
    };
    if (this.#section === undefined) {
      start();
    } else {
      this.#append(start);
    }
  }

  /** The section is over. What still waits within it goes first. */
  leave() {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    const outer = this.parent;
    if (outer.#section !== this) {
      // It was closed meanwhile.
      return;
    }
    if (this.#first !== undefined) {
      this.#last.next = outer.#first;
      outer.#last ??= this.#last;
      outer.#first = this.#first;
    }
    outer.#section = undefined;
    outer.#admit();
  }

  /** Nothing passes any more. */
  close() {
    this.#section = this;
    this.#first = this.#last = undefined;
  }
}

/** The gate for code of this frame; undefined where it is no object's. */
function inputGate(frame) {
  const object = frame?.event?.object;
  if (object === undefined) {
    return undefined;
  }
  let gate = frame.section ?? object.gate;
  while (gate.isOver) {
    gate = gate.parent;
  }
  return gate;
}

export { InputGate, inputGate };
