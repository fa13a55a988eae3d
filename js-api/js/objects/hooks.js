// From an event of the host to an object's handler, for `dispatch.js`.

import { core, primordials } from "ext:core/mod.js";
import { EMPTY, headText } from "ext:skerry/body.js";
import { Frame, setFrame } from "ext:skerry/context.js";
import { DurableObjectId } from "ext:skerry/objects/id.js";
import { ObjectInstance, objectInstance } from "ext:skerry/objects/instance.js";
import { KEY } from "ext:skerry/objects/key.js";
import { DurableObjectState } from "ext:skerry/objects/state.js";
import * as reporting from "ext:skerry/reporting.js";
import * as workers from "ext:skerry/workers.js";

const { ObjectPrototypeIsPrototypeOf, PromisePrototypeThen, PromiseResolve, TypeError } = primordials;

// `FailureKind`, as in `ops/event.rs`.
const FAILED_NO_HANDLER = 2;
const FAILED_NOT_BEGUN = 3;

const NO_CONTENT = 204;
/** An alarm whose handler has failed so often is not tried again. */
const ALARM_RETRIES_MAX = 6;

/**
 * @param host what `dispatch.js` does with all events: `begin(id)`, `end(event)`, `answerWith(event, result)`, `fail(event, error)`; and
 *     `classOf(name)`, an exported class of objects; `jurisdictionOf(name, id)`, that of an object of such a class
 */
function makeObjectHooks(ops, host) {
  const { op_event_fail, op_object_alarm, op_object_delete_alarm, op_respond } = ops;

  /** An object lives here from now on. */
  function onObject(id, className, objectId, name) {
    const event = host.begin(id);
    const object = new ObjectInstance(event, host.end);
    setFrame(new Frame(event, undefined));
    try {
      const Class = host.classOf(className);
      if (Class === undefined) {
        throw new TypeError(`The worker exports no class "${className}" that extends DurableObject`);
      }
      const ownId = new DurableObjectId(KEY, objectId, name, undefined, host.jurisdictionOf(className, objectId));
      object.instance = new Class(new DurableObjectState(KEY, object, ownId), workers.env);
    } catch (error) {
      object.breakWith(error);
    } finally {
      setFrame(undefined);
    }
  }

  /** The host has found that an object cannot go on. */
  function onObjectBroken(id) {
    objectInstance(id)?.broken();
  }

  /** Begins an event of an object, when the object lets it in. */
  function admit(event, number, run) {
    const object = objectInstance(number);
    if (object === undefined) {
      op_event_fail(event.id, FAILED_NOT_BEGUN, "The Durable Object does not live here any more: it was reset, or closed", "");
      event.close();
      return;
    }
    object.admit(event, () => {
      setFrame(new Frame(event, undefined));
      try {
        run(object);
      } catch (error) {
        host.fail(event, error);
      } finally {
        setFrame(undefined);
      }
    });
  }

  function fetch(event, { instance }, newRequest) {
    if (typeof instance.fetch !== "function") {
      op_event_fail(event.id, FAILED_NO_HANDLER, "The class of the Durable Object has no fetch handler", "");
      event.close();
      return;
    }
    host.answerWith(event, instance.fetch(newRequest(event)));
  }

  /** A request for an object. */
  function onFetch(id, number, newRequest) {
    const event = host.begin(id);
    admit(event, number, (object) => fetch(event, object, newRequest));
  }

  /** Another isolate calls methods of an object: the first call begins when the gate lets the event in. */
  function onRpc(id, number, answerWithSession) {
    const event = host.begin(id);
    admit(event, number, ({ instance }) => {
      if (!ObjectPrototypeIsPrototypeOf(workers.DurableObject.prototype, instance)) {
        throw new TypeError(
          'The Durable Object has no methods that can be called: its class does not extend DurableObject of "cloudflare:workers". ' +
            "Let it extend that, or call its fetch()",
        );
      }
      answerWithSession(event, instance);
    });
  }

  /** The time that an object has set has come. */
  function onAlarm(id, number, scheduledTime, retryCount) {
    const event = host.begin(id);
    admit(event, number, (object) => {
      if (op_object_alarm(number) !== scheduledTime) {
        // It was set to another time meanwhile, or is through.
        done(event);
        return;
      }
      if (typeof object.instance.alarm !== "function") {
        op_event_fail(id, FAILED_NO_HANDLER, "The class of the Durable Object has no alarm handler", "");
        event.close();
        return;
      }
      // It counts as over, unless the handler fails or sets it again.
      object.isAlarmSpent = true;
      const spent = () => {
        if (object.isAlarmSpent && !object.isBroken) {
          op_object_delete_alarm(number);
        }
        object.isAlarmSpent = false;
      };
      const succeed = () => {
        spent();
        done(event);
      };
      const giveUp = (error) => {
        if (retryCount >= ALARM_RETRIES_MAX) {
          spent();
        }
        object.isAlarmSpent = false;
        reporting.logUncaught("Uncaught (in alarm)", error);
        host.fail(event, error);
      };
      try {
        const result = object.instance.alarm({ retryCount, isRetry: retryCount > 0, scheduledTime });
        PromisePrototypeThen(PromiseResolve(result), succeed, giveUp);
      } catch (error) {
        giveUp(error);
      }
    });
  }

  /** Something came on a WebSocket that an object has accepted. */
  function onObjectSocket(id, number, socket, kind, data, code) {
    const event = host.begin(id);
    admit(event, number, (object) => {
      const { instance, sockets } = object;
      let timer;
      const stopTimer = () => {
        if (timer !== undefined) {
          core.cancelTimer(timer);
        }
      };
      const succeed = () => {
        stopTimer();
        done(event);
      };
      const fail = (error) => {
        stopTimer();
        // Nobody waits for an answer that would tell it.
        reporting.logUncaught("Uncaught (in a WebSocket's handler)", error);
        host.fail(event, error);
      };
      const { eventTimeoutMs } = sockets;
      if (eventTimeoutMs !== null) {
        const tooLate = () => host.end(event);
        timer = core.createTimer(tooLate, eventTimeoutMs, undefined, false, true);
      }
      try {
        PromisePrototypeThen(PromiseResolve(sockets.deliver(instance, socket, kind, data, code)), succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Answers an event of which nothing is wanted. */
  function done(event) {
    op_respond(event.id, NO_CONTENT, headText("", []), EMPTY, undefined, 0, 0, false);
    event.close();
  }

  return { admit, onAlarm, onFetch, onObject, onObjectBroken, onObjectSocket, onRpc };
}

export { makeObjectHooks };
