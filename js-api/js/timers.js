// setTimeout, setInterval, scheduler.wait and AbortSignal.timeout.
// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers
//
// A timer belongs to the event that made it, or to the object whose event it is, and ends with it. Delays are clamped to [1, 2^31 - 1] ms; the host says how many
// a worker may have.

import { core, primordials } from "ext:core/mod.js";
import { op_event_touch } from "ext:core/ops";
import { currentFrame, setFrame } from "ext:skerry/context.js";
import { reportException } from "ext:skerry/events.js";
import { inputGate } from "ext:skerry/objects/gate.js";

const {
  MathMin,
  MathTrunc,
  Number,
  NumberIsNaN,
  ObjectDefineProperty,
  Promise,
  ReflectApply,
  SafeMap,
  SafeSet,
  SafeSetIterator,
  TypeError,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const abortSignal = core.loadExtScript("ext:deno_web/03_abort_signal.js");

let liveTimersMax = 0;
const DELAY_MS_MAX = 2 ** 31 - 1;

/** id -> { timer, event } of every live timer */
const live = new SafeMap();

function clampDelay(delay) {
  delay = MathTrunc(Number(delay));
  // HTML: a delay that does not fit is as good as none.
  return NumberIsNaN(delay) || delay < 1 || delay > DELAY_MS_MAX ? 1 : delay;
}

function limitTimers(most) {
  liveTimersMax = most;
}

function start(callback, delay, args, repeat) {
  if (typeof callback !== "function") {
    throw new TypeError("The timer's callback must be a function: strings of code are not run here");
  }
  if (live.size >= liveTimersMax) {
    throw new DOMException(`A worker may have at most ${liveTimersMax} live timers`, "QuotaExceededError");
  }
  const frame = currentFrame();
  const event = frame?.event?.owner;
  if (event?.over) {
    // It would run for nobody.
    return 0;
  }
  let id = 0;
  let isWaiting = false;
  const fire = () => {
    const gate = inputGate(frame);
    if (gate === undefined) {
      run();
    } else if (!isWaiting) {
      isWaiting = true;
      gate.pass(() => {
        isWaiting = false;
        if (live.has(id)) {
          runSafely();
        }
      });
    }
  };
  const runSafely = () => {
    try {
      run();
    } catch (error) {
      reportException(error);
    }
  };
  const run = () => {
    if (!repeat) {
      forget(id);
    }
    if (event !== undefined) {
      op_event_touch(event.id);
    }
    setFrame(frame);
    try {
      ReflectApply(callback, globalThis, args);
    } finally {
      setFrame(undefined);
    }
  };
  const timer = core.createTimer(fire, clampDelay(delay), undefined, repeat, true);
  id = timer._timerId;
  live.set(id, { timer, event });
  if (event !== undefined) {
    (event.timers ??= new SafeSet()).add(id);
  }
  return id;
}

function forget(id) {
  const entry = live.get(id);
  if (entry !== undefined) {
    live.delete(id);
    entry.event?.timers?.delete(id);
  }
  return entry;
}

function stop(id) {
  const entry = forget(MathTrunc(Number(id)));
  if (entry !== undefined) {
    core.cancelTimer(entry.timer);
  }
}

function setTimeout(callback, delay = 0, ...args) {
  webidl.requiredArguments(arguments.length, 1, "Failed to execute 'setTimeout'");
  return start(callback, delay, args, false);
}

function setInterval(callback, delay = 0, ...args) {
  webidl.requiredArguments(arguments.length, 1, "Failed to execute 'setInterval'");
  return start(callback, delay, args, true);
}

function clearTimeout(id = 0) {
  stop(id);
}

function clearInterval(id = 0) {
  stop(id);
}

/** Ends every timer of an event that is over. */
function stopTimersOf(event) {
  if (event.timers === undefined) {
    return;
  }
  for (const id of new SafeSetIterator(event.timers)) {
    stop(id);
  }
}

/** Replaces `AbortSignal.timeout`, whose timers are timers like others. */
const { timeout: abortTimeout } = {
  timeout(milliseconds) {
    const prefix = "Failed to execute 'AbortSignal.timeout'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    const delay = webidl.converters["unsigned long long"](milliseconds, prefix, "Argument 1", { enforceRange: true });
    const { signal } = new abortSignal.AbortController();
    const onTime = () => signal[abortSignal.signalAbort](new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    start(onTime, MathMin(delay, DELAY_MS_MAX), [], false);
    return signal;
  },
};
ObjectDefineProperty(abortSignal.AbortSignal, "timeout", { __proto__: null, value: abortTimeout });

class Scheduler {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  /** Resolves after `delay` milliseconds; rejects when `options.signal` aborts first. */
  wait(delay, options = undefined) {
    webidl.requiredArguments(arguments.length, 1, "Failed to execute 'wait' on 'Scheduler'");
    const signal = options?.signal;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        stop(id);
        reject(signal.reason);
      };
      const id = start(() => {
        signal?.[abortSignal.remove](onAbort);
        resolve(undefined);
      }, delay, [], false);
      signal?.[abortSignal.add](onAbort);
    });
  }
}
webidl.configureInterface(Scheduler);
const scheduler = { __proto__: Scheduler.prototype };

export { clearInterval, clearTimeout, limitTimers, Scheduler, scheduler, setInterval, setTimeout, stopTimersOf };
