// The `ctx` of a Durable Object: https://developers.cloudflare.com/durable-objects/api/state/

import { primordials } from "ext:core/mod.js";
import { currentEvent } from "ext:skerry/context.js";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { DurableObjectStorage } from "ext:skerry/objects/storage.js";
import * as reporting from "ext:skerry/reporting.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";
import { extendEvent } from "ext:skerry/workers.js";

const { Error, PromiseReject, TypeError } = primordials;

class DurableObjectState {
  #object;
  #id;
  #storage;
  #props = {};

  constructor(key, object, id) {
    requireKey(key);
    this.#object = object;
    this.#id = id;
    this.#storage = new DurableObjectStorage(KEY, object);
  }

  get id() {
    return this.#id;
  }

  get storage() {
    return this.#storage;
  }

  get props() {
    return this.#props;
  }

  /** The event counts as open until the promise settles; an object works on after its events in any case. */
  waitUntil(promise) {
    const object = this.#object;
    const event = currentEvent();
    const ours = event !== undefined && event.object === object && !event.over ? event : object.event;
    extendEvent(ours, promise, (error) => reporting.logUncaught("Uncaught (in waitUntil)", error));
  }

  blockConcurrencyWhile(callback) {
    if (typeof callback !== "function") {
      return PromiseReject(
        new TypeError("Failed to execute 'blockConcurrencyWhile' on 'DurableObjectState': parameter 1 is not of type 'Function'."),
      );
    }
    return this.#object.blockConcurrencyWhile(callback);
  }

  /** Ends the object at once: its events fail, what is not committed is gone, and the next event finds it anew. */
  abort(reason = undefined) {
    const error = new Error(reason === undefined ? "Application called abort() to reset Durable Object." : `${reason}`);
    this.#object.breakWith(error);
    throw error;
  }
}

refuseToClone(DurableObjectState);

export { DurableObjectState };
