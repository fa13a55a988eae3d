// The input gate of an object. While a critical section (`blockConcurrencyWhile()`, `transaction()`) runs, nothing else of the object goes
// on: events, timers and answers that come wait, but for those that the section itself waits for. Sections nest.
//
// Storage needs no gate: it answers before anything else can come.

import { primordials } from "ext:core/mod.js";

const { Error } = primordials;

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

  constructor(parent) {
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Runs something now, or when the gate is open. It must not throw. */
  pass(run) {
    if (this.#section === undefined && this.#first === undefined) {
      run();
    } else {
      const entry = { __proto__: null, run, next: undefined };
      if (this.#last === undefined) {
        this.#first = entry;
      } else {
        this.#last.next = entry;
      }
      this.#last = entry;
    }
  }

  /** Begins a section now, or when those before it are over. `begin` is given its gate, and ends it with `leave()`. */
  enter(begin) {
    if (this.depth >= DEPTH_MAX) {
      throw new Error("blockConcurrencyWhile() calls are nested too deeply.");
    }
    this.pass(() => {
      this.#section = new InputGate(this);
      begin(this.#section);
    });
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
    while (outer.#section === undefined && outer.#first !== undefined) {
      const { run, next } = outer.#first;
      outer.#first = next;
      if (next === undefined) {
        outer.#last = undefined;
      }
      run();
    }
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
