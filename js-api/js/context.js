// Which event the running code belongs to, and the AsyncLocalStorage frame it sees.
//
// V8 carries one value along every promise chain (the continuation-preserved embedder data). Ours is a Frame: the event and the
// map of AsyncLocalStorage values. Code that belongs to no event (the global scope) sees `undefined`.

import { core } from "ext:core/mod.js";

class Frame {
  event;
  /** AsyncLocalStorage -> value; never changed once made. */
  values;
  constructor(event, values) {
    this.event = event;
    this.values = values;
  }
}

const currentFrame = core.getAsyncContext;
const setFrame = core.setAsyncContext;

/** The event that the running code belongs to, or undefined. */
function currentEvent() {
  return currentFrame()?.event;
}

/** Its id for ops: 0 stands for none. */
function currentEventId() {
  return currentFrame()?.event?.id ?? 0;
}

export { currentEvent, currentEventId, currentFrame, Frame, setFrame };
