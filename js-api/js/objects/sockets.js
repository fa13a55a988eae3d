// The WebSockets that an object has accepted: https://developers.cloudflare.com/durable-objects/best-practices/websockets/
//
// The host keeps them, with their tags and what is attached, while the object sleeps. Here is only what worker code has asked for.

import { core, primordials } from "ext:core/mod.js";
import {
  op_object_auto_response,
  op_object_set_auto_response,
  op_object_socket_answered,
  op_object_socket_forget,
  op_object_socket_is_closing,
  op_object_socket_list,
  op_object_socket_tags,
  op_object_unset_auto_response,
} from "ext:core/ops";
import { closeHeld, hold, numberOf, wake } from "ext:skerry/websocket.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const {
  ArrayIsArray,
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  Date,
  Error,
  ObjectPrototypeIsPrototypeOf,
  PromisePrototypeThen,
  PromiseResolve,
  RangeError,
  SafeMap,
  TypedArrayPrototypeGetBuffer,
  TypeError,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

// Kinds of messages, as in `ops/socket.rs`.
const TEXT = 0;
const BINARY = 1;
const CLOSE = 2;

/** RFC 6455, 7.1.5: the connection was lost without a close frame. */
const ABNORMAL = 1006;
/** A week. */
const EVENT_TIMEOUT_MS_MAX = 604_800_000;

/** What is answered without waking the object. */
class WebSocketRequestResponsePair {
  #request;
  #response;

  constructor(request, response) {
    const prefix = "Failed to construct 'WebSocketRequestResponsePair'";
    webidl.requiredArguments(arguments.length, 2, prefix);
    this.#request = webidl.converters.USVString(request, prefix, "Argument 1");
    this.#response = webidl.converters.USVString(response, prefix, "Argument 2");
  }

  get request() {
    return this.#request;
  }

  get response() {
    return this.#response;
  }
}
webidl.configureInterface(WebSocketRequestResponsePair);
refuseToClone(WebSocketRequestResponsePair);

class ObjectSockets {
  /** The object's number in the isolate. */
  #object;
  /** number -> WebSocket, of those that worker code knows */
  #known = new SafeMap();
  eventTimeoutMs = null;

  constructor(object) {
    this.#object = object;
  }

  accept(socket, tags) {
    if (tags !== undefined && !ArrayIsArray(tags)) {
      throw new TypeError("Failed to execute 'acceptWebSocket' on 'DurableObjectState': parameter 2 is not of type 'Array'.");
    }
    const texts = [];
    for (let i = 0; i < (tags?.length ?? 0); i++) {
      const tag = `${tags[i]}`;
      if (!ArrayPrototypeIncludes(texts, tag)) {
        ArrayPrototypePush(texts, tag);
      }
    }
    this.#known.set(hold(socket, this.#object, texts), socket);
  }

  /** Those that have the tag, or all, in the order in which they were accepted. */
  list(tag) {
    const numbers = tag === undefined ? op_object_socket_list(this.#object, "", false) : op_object_socket_list(this.#object, `${tag}`, true);
    const sockets = [];
    for (let i = 0; i < numbers.length; i++) {
      ArrayPrototypePush(sockets, this.#socket(numbers[i]));
    }
    return sockets;
  }

  tags(socket) {
    return op_object_socket_tags(this.#object, this.#numberOf(socket, "getTags"));
  }

  setAutoResponse(pair) {
    if (pair === undefined || pair === null) {
      op_object_unset_auto_response(this.#object);
      return;
    }
    if (!ObjectPrototypeIsPrototypeOf(WebSocketRequestResponsePair.prototype, pair)) {
      throw new TypeError(
        "Failed to execute 'setWebSocketAutoResponse' on 'DurableObjectState': parameter 1 is not of type 'WebSocketRequestResponsePair'.",
      );
    }
    op_object_set_auto_response(this.#object, pair.request, pair.response);
  }

  autoResponse() {
    const pair = op_object_auto_response(this.#object);
    return pair === null ? null : new WebSocketRequestResponsePair(pair[0], pair[1]);
  }

  autoResponseTime(socket) {
    const ms = op_object_socket_answered(this.#object, this.#numberOf(socket, "getWebSocketAutoResponseTimestamp"));
    return ms < 0 ? null : new Date(ms);
  }

  setEventTimeout(timeoutMs) {
    if (timeoutMs === undefined || timeoutMs === null) {
      this.eventTimeoutMs = null;
      return;
    }
    const prefix = "Failed to execute 'setHibernatableWebSocketEventTimeout' on 'DurableObjectState'";
    const ms = webidl.converters["unsigned long"](timeoutMs, prefix, "Argument 1", { enforceRange: true });
    if (ms > EVENT_TIMEOUT_MS_MAX) {
      throw new RangeError(`Event timeout should not exceed ${EVENT_TIMEOUT_MS_MAX} ms (a week).`);
    }
    this.eventTimeoutMs = ms === 0 ? null : ms;
  }

  #numberOf(socket, method) {
    const number = numberOf(socket, this.#object);
    if (number === undefined) {
      throw new TypeError(`${method}() takes a WebSocket that was given to acceptWebSocket()`);
    }
    return number;
  }

  #socket(number) {
    let socket = this.#known.get(number);
    if (socket === undefined) {
      socket = wake(this.#object, number, op_object_socket_is_closing(this.#object, number));
      this.#known.set(number, socket);
    }
    return socket;
  }

  /** Calls the handler of a message that has come, if there is one. What it returns is settled when it is through. */
  deliver(instance, number, kind, data, code) {
    const socket = this.#socket(number);
    if (kind === TEXT || kind === BINARY) {
      const message = kind === TEXT ? data : TypedArrayPrototypeGetBuffer(data);
      return instance.webSocketMessage?.(socket, message);
    }
    const isFrame = kind === CLOSE && code !== ABNORMAL;
    closeHeld(socket, code, data, isFrame);
    const run = () =>
      kind === CLOSE ? instance.webSocketClose?.(socket, code, data, isFrame) : instance.webSocketError?.(socket, new Error(data));
    let result;
    try {
      result = run();
    } catch (error) {
      this.#forget(number);
      throw error;
    }
    const forget = () => this.#forget(number);
    const settled = PromiseResolve(result);
    PromisePrototypeThen(settled, forget, forget);
    return settled;
  }

  #forget(number) {
    op_object_socket_forget(this.#object, number);
    this.#known.delete(number);
  }
}

export { ObjectSockets, WebSocketRequestResponsePair };
