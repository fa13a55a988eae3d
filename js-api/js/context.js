// Which event the running code belongs to, and the AsyncLocalStorage frame it sees.
//
// V8 carries one value along every promise chain (the continuation-preserved embedder data). Ours is a Frame: the event and the
// map of AsyncLocalStorage values. Code that belongs to no event (the global scope) sees `undefined`.

import { core, primordials } from "ext:core/mod.js";

const { MapPrototypeForEach, ReflectApply, SafeMap } = primordials;

class Frame {
  event;
  /** AsyncLocalStorage -> value, and the env of `withEnv()`; never changed once made. */
  values;
  /** Of an object: the gate of the critical section that the code runs in (`objects/gate.js`). */
  section;
  constructor(event, values, section = undefined) {
    this.event = event;
    this.values = values;
    this.section = section;
  }
}

const currentFrame = core.getAsyncContext;
const setFrame = core.setAsyncContext;

/** The event that the running code belongs to, or undefined. */
function currentEvent() {
  return currentFrame()?.event;
}

/** The id, for ops, of the event that what the running code starts belongs to: an object's code works for the object. */
function currentOwnerId() {
  return currentFrame()?.event?.owner.id ?? 0;
}

/** Its id for ops: 0 stands for none. */
function currentEventId() {
  return currentFrame()?.event?.id ?? 0;
}

/** The current frame with one value replaced. */
function frameWith(key, value) {
  const frame = currentFrame();
  const values = new SafeMap();
  if (frame?.values !== undefined) {
    MapPrototypeForEach(frame.values, (other, otherKey) => values.set(otherKey, other));
  }
  values.set(key, value);
  return new Frame(frame?.event, values, frame?.section);
}

function runIn(frame, callback, thisArg, args) {
  const outer = currentFrame();
  setFrame(frame);
  try {
    return ReflectApply(callback, thisArg, args);
  } finally {
    setFrame(outer);
  }
}

export { currentEvent, currentEventId, currentFrame, currentOwnerId, Frame, frameWith, runIn, setFrame };
