// A Durable Object that lives in this isolate: its instance, its events and its end.
//
// What its code starts (timers, requests) belongs to the object, and goes on after the event that started it.

import { core, primordials } from "ext:core/mod.js";
import { op_object_break, op_object_close, op_void_async_deferred } from "ext:core/ops";
import { currentFrame, Frame, runIn } from "ext:skerry/context.js";
import { InputGate, inputGate } from "ext:skerry/objects/gate.js";
import { ObjectSockets } from "ext:skerry/objects/sockets.js";
import { failureOf } from "ext:skerry/reporting.js";

const { Error, Promise, PromisePrototypeThen, PromiseResolve, SafeMap, SafeSet, SafeSetIterator } = primordials;

const BLOCKED_MS_MAX = 30_000;

/** number -> ObjectInstance */
const instances = new SafeMap();

class ObjectInstance {
  number;
  /** The event that it is. */
  event;
  gate = new InputGate(undefined);
  /** Of the worker's class; undefined until its constructor has run. */
  instance = undefined;
  /** The alarm handler runs, and has not set the alarm again. */
  isAlarmSpent = false;
  isBroken = false;
  /** The WebSockets that it has accepted. */
  sockets;
  /** Its events that are open. */
  #events = new SafeSet();
  #isClosing = false;
  #end;

  /** @param {(event) => void} end ends an event */
  constructor(event, end) {
    this.number = event.id;
    this.event = event;
    this.sockets = new ObjectSockets(this.number);
    this.#end = end;
    event.object = this;
    instances.set(this.number, this);
  }

  /** Begins an event when the gate lets it in. `run` must not throw. */
  admit(event, run) {
    event.object = this;
    event.owner = this.event;
    this.#events.add(event);
    this.gate.pass(() => {
      if (!event.over) {
        event.started = true;
        run();
      }
    });
  }

  /** An event is over: what it left behind is the object's. */
  ended(event) {
    if (event !== this.event) {
      event.id = this.number;
      this.#events.delete(event);
      this.#closeIfIdle();
    }
  }

  /** Nobody waits for the event any more, or for the object if it is that. True when that is all there is to do. */
  onCancel(event) {
    if (event === this.event) {
      // It goes when its events are over.
      this.#isClosing = true;
      this.#closeIfIdle();
      return true;
    }
    if (!event.started) {
      this.#end(event);
      return true;
    }
    return false;
  }

  #closeIfIdle() {
    if (this.#isClosing && this.#events.size === 0 && !this.isBroken) {
      op_object_close(this.number);
      this.#leave();
    }
  }

  /** It cannot go on: its events fail, and what it has not committed is gone. */
  breakWith(error) {
    if (!this.isBroken) {
      const { message, stack } = failureOf(error);
      op_object_break(this.number, message, stack);
      this.broken();
    }
  }

  /** The host has failed its events. */
  broken() {
    this.isBroken = true;
    for (const event of new SafeSetIterator(this.#events)) {
      this.#end(event);
    }
    this.#leave();
  }

  #leave() {
    instances.delete(this.number);
    this.gate.close();
    this.#end(this.event);
  }

  /** Runs a callback while nothing else of the object goes on. If it fails, or takes too long, the object is broken. */
  blockConcurrencyWhile(callback) {
    const frame = currentFrame();
    const isOurs = frame?.event?.object === this;
    const outer = isOurs ? inputGate(frame) : this.gate;
    const event = isOurs ? frame.event : this.event;
    return new Promise((resolve) => {
      outer.enter((section) => this.#runSection(section, new Frame(event, frame?.values, section), callback, resolve));
    });
  }

  #runSection(section, frame, callback, resolve) {
    let timer;
    const fail = (error) => {
      core.cancelTimer(timer);
      this.breakWith(error);
    };
    const succeed = (value) => {
      core.cancelTimer(timer);
      if (!this.isBroken) {
        resolve(value);
        // Whoever waits for the section goes on before anything else does.
        PromisePrototypeThen(op_void_async_deferred(), () => section.leave());
      }
    };
    const tooLong = () =>
      fail(
        new Error("A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset."),
      );
    timer = core.createTimer(tooLong, BLOCKED_MS_MAX, undefined, false, true);
    // Behind what the constructor, or whoever calls, still does at once.
    PromisePrototypeThen(PromiseResolve(undefined), () => {
      if (this.isBroken) {
        core.cancelTimer(timer);
        return;
      }
      try {
        PromisePrototypeThen(PromiseResolve(runIn(frame, callback, undefined, [])), succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }
}

/** The object with this number, if it lives here. */
function objectInstance(number) {
  return instances.get(number);
}

export { ObjectInstance, objectInstance };
