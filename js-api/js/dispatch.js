// From an event of the host to the worker's handler and back. This is the hot path: what is made here is made after the snapshot is
// restored, since only ops that are looked up then are fast calls. Its code is compiled into the snapshot.

import { core, primordials } from "ext:core/mod.js";
import { bodyForHost, EMPTY, headText, STREAM } from "ext:skerry/body.js";
import { Frame, setFrame } from "ext:skerry/context.js";
import { isResponse, ReceivedRequest } from "ext:skerry/http.js";
import { Exports } from "ext:skerry/exports.js";
import { makeObjectHooks } from "ext:skerry/objects/hooks.js";
import { namespaceBinding } from "ext:skerry/objects/namespace.js";
import * as reporting from "ext:skerry/reporting.js";
import * as rpc from "ext:skerry/rpc_links.js";
import { limitTimers, stopTimersOf } from "ext:skerry/timers.js";
import { worker as warmUpWorker } from "ext:skerry/warm_up.js";
import { limitMemories } from "ext:skerry/webassembly.js";
import * as sockets from "ext:skerry/websocket.js";
import * as workers from "ext:skerry/workers.js";

const {
  ArrayPrototypePush,
  FunctionPrototypeCall,
  JSONParse,
  ObjectKeys,
  ObjectGetPrototypeOf,
  PromisePrototypeThen,
  TypeError,
  SafeMap,
} = primordials;

const { abortRequest, fromInnerRequest, toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const {
  getInnerResponse,
  responseBodyUsed,
  serveFastBodyKey,
  serveFastConsumedKey,
  serveFastHeaderKindKey,
  serveFastStatusKey,
  SERVE_FAST_HEADER_DEFAULT_TEXT,
  SERVE_FAST_HEADER_NONE,
  toInnerResponse,
  wireHeaderList,
} = core.loadExtScript("ext:deno_fetch/23_response.js");

// As in `ops/event.rs`.
const METHODS = [undefined, "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"];
// `FailureKind`, as in `ops/event.rs`.
const FAILED_EXCEPTION = 0;
const FAILED_BAD_RESPONSE = 1;
const FAILED_NO_HANDLER = 2;

/** The functions that the host calls, on the given ops. */
function makeHooks(ops) {
  const { op_event_done, op_event_fail, op_event_pass_through, op_outbound_end, op_respond, op_respond_text } = ops;

  /** Events under way, by id. */
  const events = new SafeMap();

  /** An event under way. It is open while its handler, its waitUntil promises or its sockets are. */
  class EventState {
    id;
    open = 1;
    request = null;
    timers = undefined;
    /** RPC sessions that it has opened. */
    links = undefined;
    over = false;
    /** Its code runs. */
    started = false;
    /** What its code starts belongs to this event: itself, or the object whose event it is. */
    owner = this;
    /** The object that it is, or that it is an event of. */
    object = undefined;
    constructor(id) {
      this.id = id;
    }

    close() {
      if (--this.open === 0) {
        end(this);
      }
    }
  }

  function begin(id) {
    const event = new EventState(id);
    events.set(id, event);
    return event;
  }

  function end(event) {
    if (events.delete(event.id)) {
      event.over = true;
      stopTimersOf(event);
      rpc.closeLinksOf(event);
      op_event_done(event.id, event.owner !== event && event.owner.timers?.size > 0);
      event.object?.ended(event);
    }
  }

  /** The `ctx` of handlers. */
  class ExecutionContext {
    #event;
    #props;

    constructor(event, props) {
      this.#event = event;
      this.#props = props;
    }

    waitUntil(promise) {
      workers.extendEvent(this.#event, promise, (error) => reporting.logUncaught("Uncaught (in waitUntil)", error));
    }

    passThroughOnException() {
      op_event_pass_through(this.#event.id);
    }

    get props() {
      return this.#props;
    }

    get exports() {
      return workers.exports;
    }
  }

  let exported;
  let entrypoints;
  let defaultFetch;

  /**
   * Fills `env`, and says how many timers there may be and how large WebAssembly memories, before the worker's global scope runs.
   * `classes` are those of Durable Objects that it has to export.
   */
  function bind(bindings, services, namespaces, classes, timersMax, memoryBytesMax) {
    limitTimers(timersMax);
    limitMemories(memoryBytesMax);
    const env = JSONParse(bindings);
    for (let i = 0; i < services.length; i++) {
      // As in `ops/subrequest.rs`: 0 is the network.
      env[services[i]] = rpc.bindingTo({ __proto__: null, place: i + 1, object: "", name: null });
    }
    for (let i = 0; i < namespaces.length; i++) {
      env[namespaces[i]] = namespaceBinding(i);
    }
    workers.setEnv(env);
    workers.clearExports();
    exported = new Exports(classes, namespaces.length);
  }

  /**
   * Takes the worker's exports once its global scope has run.
   * @returns {string[]} `name:handler,handler` of each entrypoint
   */
  function start(namespace) {
    entrypoints = { __proto__: null };
    const found = [];
    const names = ObjectKeys(namespace);
    for (let i = 0; i < names.length; i++) {
      const entrypoint = exported.entrypointOf(namespace[names[i]], names[i]);
      if (entrypoint !== undefined) {
        entrypoints[names[i]] = entrypoint;
        ArrayPrototypePush(found, `${names[i]}:${entrypoint.handlers}`);
      }
    }
    exported.checkClasses(entrypoints, namespace);
    exported.offer(entrypoints, names);
    defaultFetch = entrypoints.default?.fetch;
    return found;
  }

  const objects = makeObjectHooks(ops, {
    begin,
    end,
    answerWith,
    fail,
    classOf: (name) => entrypoints[name]?.Class,
    jurisdictionOf: (name, id) => exported.jurisdictionOf(name, id),
  });

  function newRequest(event, method, bodyKind) {
    event.request = fromInnerRequest(new ReceivedRequest(event.id, METHODS[method], bodyKind), "immutable");
    return event.request;
  }

  /** A fetch event from the host; `entrypoint` is a name, none for the default export, or an object's number. */
  function onFetch(id, method, bodyKind, entrypoint, props) {
    if (typeof entrypoint === "number") {
      objects.onFetch(id, entrypoint, (event) => newRequest(event, method, bodyKind));
      return;
    }
    const event = begin(id);
    const handler = entrypoint === undefined ? defaultFetch : entrypoints[entrypoint]?.fetch;
    if (handler === undefined) {
      const where = entrypoint === undefined ? "default export" : `entrypoint "${entrypoint}"`;
      op_event_fail(id, FAILED_NO_HANDLER, `The worker's ${where} has no fetch handler`, "");
      event.close();
      return;
    }
    setFrame(new Frame(event, undefined));
    try {
      answerWith(event, handler(newRequest(event, method, bodyKind), new ExecutionContext(event, propsOf(props))));
    } catch (error) {
      fail(event, error);
    } finally {
      setFrame(undefined);
    }
  }

  /** Another isolate calls methods. `first` is the session's first message, null where it comes over the socket. */
  function onRpc(id, first, entrypoint, props) {
    if (typeof entrypoint === "number") {
      objects.onRpc(id, entrypoint, (event, instance) => answerWithSession(event, instance, first));
      return;
    }
    const event = begin(id);
    const make = entrypoints[entrypoint ?? "default"]?.make;
    if (make === undefined) {
      const where = entrypoint === undefined ? "default export" : `entrypoint "${entrypoint}"`;
      const message = `The worker has no ${where} that is a class which extends WorkerEntrypoint: it has no methods that can be called`;
      op_event_fail(id, FAILED_NO_HANDLER, message, "");
      event.close();
      return;
    }
    setFrame(new Frame(event, undefined));
    try {
      answerWithSession(event, make(new ExecutionContext(event, propsOf(props))), first);
    } catch (error) {
      fail(event, error);
    } finally {
      setFrame(undefined);
    }
  }

  /** The call in the first message begins at once: the next event's comes behind it. */
  function answerWithSession(event, instance, first) {
    const link = rpc.serveRemote(event, instance);
    op_respond(event.id, 101, headText("", []), EMPTY, undefined, -1, link.id, false);
    if (first !== null) {
      link.session.receive(first);
    }
  }

  function propsOf(text) {
    return text === undefined ? {} : JSONParse(text);
  }

  function onSocket(id, kind, data, code) {
    if (!rpc.fromHost(id, kind, data, code)) {
      sockets.fromNetwork(id, kind, data, code);
    }
  }

  function answerWith(event, result) {
    if (isResponse(result)) {
      respond(event, result);
    } else if (result !== null && typeof result === "object" && typeof result.then === "function") {
      settle(event, result);
    } else {
      notAResponse(event, result);
    }
  }

  function settle(event, promise) {
    const onResult = (result) => {
      if (isResponse(result)) {
        try {
          respond(event, result);
        } catch (error) {
          fail(event, error);
        }
      } else {
        notAResponse(event, result);
      }
    };
    const onError = (error) => fail(event, error);
    if (core.isPromise(promise)) {
      PromisePrototypeThen(promise, onResult, onError);
    } else {
      FunctionPrototypeCall(promise.then, promise, onResult, onError);
    }
  }

  function respond(event, response) {
    const id = event.id;
    // deno_fetch marks the plain case: status 200, a static body, at most a content type.
    if (response[serveFastStatusKey] === 200 && !response[serveFastConsumedKey]) {
      const kind = response[serveFastHeaderKindKey];
      const body = response[serveFastBodyKey];
      if (
        typeof body === "string" && getInnerResponse(response).statusMessage === "" && (kind === SERVE_FAST_HEADER_DEFAULT_TEXT || kind === SERVE_FAST_HEADER_NONE) &&
        !responseBodyUsed(response)
      ) {
        response[serveFastConsumedKey] = true;
        op_respond_text(id, kind === SERVE_FAST_HEADER_DEFAULT_TEXT, body);
        event.close();
        return;
      }
    }
    respondInFull(event, response);
  }

  function respondInFull(event, response) {
    if (response[serveFastConsumedKey]) {
      throw new TypeError("The response's body has already been used: make a new Response, or clone() it, for every answer");
    }
    const inner = toInnerResponse(response);
    if (inner.type === "error") {
      throw new TypeError("The handler returned Response.error()");
    }
    const socket = inner.webSocket === undefined ? 0 : sockets.coupleToNetwork(inner.webSocket);
    const body = bodyForHost(inner.body, (error) => {
      reporting.logUncaught("Uncaught (in response stream)", error);
    });
    op_respond(
      event.id,
      inner.status,
      headText(inner.statusMessage, wireHeaderList(inner)),
      body.kind,
      body.value,
      body.length,
      socket,
      inner.encodeBody === "manual",
    );
    if (socket !== 0) {
      // The host knows the socket from now on.
      sockets.forwardWaiting(inner.webSocket);
    }
    if (body.kind === STREAM) {
      // The stream's source is the event's work: it ends with the stream.
      PromisePrototypeThen(op_outbound_end(body.value), () => event.close());
    } else {
      event.close();
    }
  }

  function notAResponse(event, result) {
    const what = result === undefined ? "nothing (undefined)" : result === null ? "null" : describe(result);
    op_event_fail(event.id, FAILED_BAD_RESPONSE, `The fetch handler returned ${what} instead of a Response`, "");
    event.close();
  }

  function describe(value) {
    if (typeof value === "object" || typeof value === "function") {
      const name = typeof value === "function" ? "Function" : ObjectGetPrototypeOf(value)?.constructor?.name;
      return `a value of type ${typeof name === "string" ? name : "Object"}`;
    }
    return `a ${typeof value}`;
  }

  function fail(event, error) {
    const { message, stack } = reporting.failureOf(error);
    op_event_fail(event.id, FAILED_EXCEPTION, message, stack);
    event.close();
  }

  /** The client is gone: `request.signal` aborts. An object is not wanted here any more. */
  function onCancel(id) {
    const event = events.get(id);
    if (event?.object?.onCancel(event)) {
      return;
    }
    if (event !== undefined && event.request !== null) {
      const inner = toInnerRequest(event.request);
      setFrame(new Frame(event, undefined));
      try {
        if (inner?.cancelSteps) {
          inner.cancelSteps();
        } else {
          abortRequest(event.request);
        }
      } finally {
        setFrame(undefined);
      }
    }
  }

  /** The time for waitUntil() work is over. */
  function onExpire(id) {
    const event = events.get(id);
    if (event !== undefined) {
      end(event);
    }
  }

  /** Stands in for a worker while the isolate is made ready for one. */
  function warmUp() {
    bind("{}", [], [], [], 1, 0);
    start(warmUpWorker);
  }

  return {
    bind,
    onAlarm: objects.onAlarm,
    onCancel,
    onExpire,
    onFetch,
    onObject: objects.onObject,
    onObjectBroken: objects.onObjectBroken,
    onObjectSocket: objects.onObjectSocket,
    onRpc,
    onSocket,
    start,
    warmUp,
  };
}

export { makeHooks };
