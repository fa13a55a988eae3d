// RPC sessions on the host's sockets: who opens and serves them, and how long they live.
//
// A binding opens a session for each call of it; the far isolate has an event for it, which is open as long as the session is. The
// caller's end closes when nothing of the call is left, at the latest with the event that made it.

import { core, primordials } from "ext:core/mod.js";
import { op_fetch_count, op_rpc_open, op_socket_close, op_socket_new, op_socket_send_binary } from "ext:core/ops";
import { currentEvent, currentFrame, Frame, runIn } from "ext:skerry/context.js";
import { farError } from "ext:skerry/far_errors.js";
import { fetchFrom, requireEvent } from "ext:skerry/fetch.js";
import { Request, Response } from "ext:skerry/http.js";
import { inputGate } from "ext:skerry/objects/gate.js";
import * as reporting from "ext:skerry/reporting.js";
import { addTargetBase, isCall, makeRootProxy, openSession, serveSession, setLocalHooks } from "ext:skerry/rpc/mod.js";
import { DurableObject, WorkerEntrypoint } from "ext:skerry/workers.js";

const {
  ArrayPrototypeJoin,
  Error,
  ObjectAssign,
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeIsPrototypeOf,
  ObjectSetPrototypeOf,
  SafeMap,
  SafeSet,
  TypeError,
  uncurryThis,
} = primordials;

const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");

const NORMAL_CLOSURE = 1000;

addTargetBase(WorkerEntrypoint);
addTargetBase(DurableObject);

/** socket id -> the link over it */
const links = new SafeMap();

/** A session over a socket, as part of an event. A caller's has none until its first message, which opens it. */
class Link {
  id = 0;
  event;
  /** Whose code takes what comes. */
  frame;
  session = null;
  #open;

  /** Of a caller, `open(bytes)` opens the socket with the first message. */
  constructor(event, frame, open = undefined) {
    this.event = event;
    this.frame = frame;
    this.#open = open;
  }

  use(id) {
    this.id = id;
    links.set(id, this);
  }

  send(bytes) {
    if (this.id !== 0) {
      op_socket_send_binary(this.id, bytes);
    } else if (isCall(bytes)) {
      this.use(this.#open(bytes));
    }
    // Else nothing was asked: a call whose arguments could not be sent has only let go of its target.
  }

  /** The session is through. */
  close() {
    if (this.id === 0) {
      this.#end();
    } else if (links.delete(this.id)) {
      op_socket_close(this.id, NORMAL_CLOSURE, "");
      this.#end();
    }
  }

  /** The other end has closed, or was lost. */
  ended(error, answers) {
    links.delete(this.id);
    if (answers) {
      op_socket_close(this.id, NORMAL_CLOSURE, "");
    }
    this.session.broken(error);
    this.#end();
  }

  #end() {
    if (this.#open !== undefined) {
      this.event?.links?.delete(this);
    } else {
      this.event.close();
    }
  }
}

const method = (class_, name) => uncurryThis(class_.prototype[name]);
const getter = (class_, name) => uncurryThis(ObjectGetOwnPropertyDescriptor(class_.prototype, name).get);

const parts = {
  __proto__: null,
  entries: method(Headers, "entries"),
  requestBody: getter(Request, "body"),
  requestHeaders: getter(Request, "headers"),
  requestMethod: getter(Request, "method"),
  requestRedirect: getter(Request, "redirect"),
  requestUrl: getter(Request, "url"),
  responseBody: getter(Response, "body"),
  responseHeaders: getter(Response, "headers"),
  responseSocket: getter(Response, "webSocket"),
  responseStatus: getter(Response, "status"),
  responseStatusText: getter(Response, "statusText"),
};

function headerPairs(headers) {
  const pairs = [];
  const entries = parts.entries(headers);
  for (let next = entries.next(); !next.done; next = entries.next()) {
    primordials.ArrayPrototypePush(pairs, next.value);
  }
  return pairs;
}

function httpToParts(value) {
  if (ObjectPrototypeIsPrototypeOf(Headers.prototype, value)) {
    return { __proto__: null, kind: "Headers", parts: headerPairs(value), body: null };
  }
  if (ObjectPrototypeIsPrototypeOf(Response.prototype, value)) {
    if (parts.responseSocket(value) !== null) {
      throw new DOMException("A Response with a WebSocket cannot be sent over RPC: answer a fetch() with it", "DataCloneError");
    }
    const head = {
      status: parts.responseStatus(value),
      statusText: parts.responseStatusText(value),
      headers: headerPairs(parts.responseHeaders(value)),
    };
    return { __proto__: null, kind: "Response", parts: head, body: parts.responseBody(value) };
  }
  if (ObjectPrototypeIsPrototypeOf(Request.prototype, value)) {
    const head = {
      url: parts.requestUrl(value),
      method: parts.requestMethod(value),
      redirect: parts.requestRedirect(value),
      headers: headerPairs(parts.requestHeaders(value)),
    };
    return { __proto__: null, kind: "Request", parts: head, body: parts.requestBody(value) };
  }
  return undefined;
}

function httpFromParts(kind, head, body) {
  switch (kind) {
    case "Headers":
      return new Headers(head);
    case "Response":
      return new Response(body, { __proto__: null, status: head.status, statusText: head.statusText, headers: head.headers });
    case "Request": {
      const { method, redirect, headers } = head;
      return new Request(head.url, { __proto__: null, method, redirect, headers, body });
    }
    default:
      throw new TypeError("The far side sent what is neither Request, Response nor Headers");
  }
}

function refuse(message) {
  throw new DOMException(message, "DataCloneError");
}

/** What a session needs of the platform, as part of an event. */
function hooksFor(event, onIdle) {
  return {
    __proto__: null,
    serialize: (value) => core.serialize(value, undefined, refuse),
    deserialize: (bytes) => core.deserialize(bytes, { __proto__: null, deserializers: core.getCloneableDeserializers() }),
    runIn: (fn) => (event === undefined ? fn() : runIn(new Frame(event, undefined), fn, undefined, [])),
    onIdle,
    isTarget: (value) =>
      ObjectPrototypeIsPrototypeOf(WorkerEntrypoint.prototype, value) || ObjectPrototypeIsPrototypeOf(DurableObject.prototype, value),
    log: (error) => reporting.logUncaught("Uncaught (in RPC)", error),
    httpToParts,
    httpFromParts,
  };
}

setLocalHooks(() => hooksFor(currentEvent(), () => {}));

/** Opens a session with what a binding leads to. */
function openRemote(target) {
  requireEvent();
  const frame = currentFrame();
  const owner = frame?.event?.owner;
  const ownerId = owner?.id ?? 0;
  op_fetch_count(ownerId);
  const cause = frame?.event?.id ?? 0;
  const open = (first) => op_rpc_open(ownerId, cause, target.place, target.object, target.name, target.props ?? null, first);
  const link = new Link(owner, frame, open);
  if (owner !== undefined) {
    owner.links ??= new SafeSet();
    owner.links.add(link);
  }
  link.session = openSession(link, hooksFor(frame?.event, () => link.close()));
  return link.session;
}

/** An event is over, and the sessions that it opened with it. */
function closeLinksOf(event) {
  if (event.links !== undefined) {
    const over = new Error("The RPC session was closed: the event that opened it is over. Await its calls, or give them to ctx.waitUntil()");
    const open = event.links;
    event.links = undefined;
    primordials.SetPrototypeForEach(open, (link) => {
      if (link.id === 0) {
        link.session?.broken(over);
      } else if (links.delete(link.id)) {
        op_socket_close(link.id, NORMAL_CLOSURE, "");
        link.session.broken(over);
      }
    });
  }
}

/** Serves a session: gives the link, whose socket the event's answer opens. */
function serveRemote(event, instance) {
  const link = new Link(event, new Frame(event, undefined));
  link.use(op_socket_new());
  const hooks = hooksFor(event, () => {});
  // Its stack does not go over: the log of who threw has it.
  hooks.thrown = (error, path) =>
    runIn(link.frame, reporting.logUncaught, undefined, [`Uncaught (in RPC, ${ArrayPrototypeJoin(path, ".") || "call"})`, error]);
  link.session = serveSession(link, instance, hooks);
  return link;
}

/** A message from the host. Kinds as in `hooks.rs`. False where the socket is none of a session. */
function fromHost(id, kind, data, code) {
  const link = links.get(id);
  if (link === undefined) {
    return false;
  }
  const gate = inputGate(link.frame);
  if (gate === undefined) {
    take(link, kind, data, code);
  } else {
    gate.pass(() => take(link, kind, data, code));
  }
  return true;
}

function receive(link, data) {
  link.session.receive(data);
}

function take(link, kind, data, code) {
  if (!links.has(link.id)) {
    // It was closed while this waited.
    return;
  }
  if (kind === 1) {
    // As part of the event: it may call a binding that has come on the same socket.
    runIn(link.frame, receive, undefined, [link, data]);
  } else if (kind === 2) {
    link.ended(new Error("The RPC session was closed by the other side"), true);
  } else if (kind === 3) {
    link.ended(farError(data, code), false);
  }
}

/**
 * The object for what `target` names: its `fetch()`, and methods of the far side.
 * @param {{ place: number, object: string, name: string | null, props?: string }} target as in `ops/subrequest.rs`
 * @param {object} [members] what it has besides
 * @param {Function} [call] what calling the object itself does
 */
function bindingTo(target, members = undefined, call = undefined) {
  const own = {
    __proto__: null,
    ...members,
    fetch(input, init = undefined) {
      return fetchFrom(target, arguments.length, input, init);
    },
  };
  return makeRootProxy(() => openRemote(target), call === undefined ? own : callable(call, own));
}

/** A function without what functions have: those names are names of the far side's methods. */
function callable(call, members) {
  const own = (options) => call(options);
  ObjectSetPrototypeOf(own, null);
  delete own.length;
  delete own.name;
  return ObjectAssign(own, members);
}

export { bindingTo, closeLinksOf, fromHost, serveRemote };
