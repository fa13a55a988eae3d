// The `ctx` of a Durable Object: https://developers.cloudflare.com/durable-objects/api/state/

import { primordials } from "ext:core/mod.js";
import { currentEvent } from "ext:skerry/context.js";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { DurableObjectStorage } from "ext:skerry/objects/storage.js";
import * as reporting from "ext:skerry/reporting.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";
import { exports, extendEvent } from "ext:skerry/workers.js";

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

  get exports() {
    return exports;
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

  /** The object has the socket from now on: it stays open while the object sleeps, and what comes on it wakes it. */
  acceptWebSocket(ws, tags = undefined) {
    this.#object.sockets.accept(ws, tags);
  }

  getWebSockets(tag = undefined) {
    return this.#object.sockets.list(tag);
  }

  getTags(ws) {
    return this.#object.sockets.tags(ws);
  }

  setWebSocketAutoResponse(pair = undefined) {
    this.#object.sockets.setAutoResponse(pair);
  }

  getWebSocketAutoResponse() {
    return this.#object.sockets.autoResponse();
  }

  getWebSocketAutoResponseTimestamp(ws) {
    return this.#object.sockets.autoResponseTime(ws);
  }

  setHibernatableWebSocketEventTimeout(timeoutMs = undefined) {
    this.#object.sockets.setEventTimeout(timeoutMs);
  }

  getHibernatableWebSocketEventTimeout() {
    return this.#object.sockets.eventTimeoutMs;
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
