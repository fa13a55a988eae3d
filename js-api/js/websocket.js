// WebSocket: https://websockets.spec.whatwg.org and
// https://developers.cloudflare.com/workers/runtime-apis/websockets/
//
// A socket has a far end: the other socket of a pair, or the network (a socket id at the host). Of a pair, the end that is put
// into a 101 response is replaced by the network: its other end then talks to the client. What a Durable Object has accepted
// is the host's, which knows it by its number in the object, and hands on what comes as events (`objects/sockets.js`).

import { core, primordials } from "ext:core/mod.js";
import { op_object_socket_accept, op_socket_listen, op_socket_new, op_socket_pass } from "ext:core/ops";
import { currentFrame, setFrame } from "ext:skerry/context.js";
import { dispatch } from "ext:skerry/events.js";
import { send as sendRequest, setSocketConnector } from "ext:skerry/fetch.js";
import { Request } from "ext:skerry/http.js";
import { blobBytes, closeArguments, messageOf, parseProtocols, parseUrl } from "ext:skerry/websocket_arguments.js";
import { attachmentOf, HeldEnd, HostEnd, ObjectEnd, PairEnd, readAttachment } from "ext:skerry/websocket_ends.js";

const {
  ArrayPrototypeIncludes,
  ArrayPrototypeJoin,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  Error,
  ObjectDefineProperties,
  ObjectPrototypeIsPrototypeOf,
  PromisePrototypeCatch,
  PromisePrototypeThen,
  PromiseResolve,
  SafeMap,
  TypedArrayPrototypeGetBuffer,
  TypeError,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { CloseEvent, defineEventHandler, ErrorEvent, Event, EventTarget, MessageEvent, setIsTrusted } = core.loadExtScript(
  "ext:deno_web/02_event.js",
);
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { Blob, BlobPrototype } = core.loadExtScript("ext:deno_web/09_file.js");
const { getHeader } = core.loadExtScript("ext:deno_fetch/20_headers.js");
const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** socket id -> the WebSocket of worker code at this end */
const connected = new SafeMap();

const illegalKey = {};

// Doors to private state for this file alone, set in the class's static block.
let makePair, coupleToNetwork, forwardWaiting, receive, connect, hold, wake, closeHeld, numberOf;

class WebSocket extends EventTarget {
  #url = null;
  #protocol = "";
  #extensions = "";
  #readyState = OPEN;
  #binaryType = "blob";
  #accepted = false;
  #allowHalfOpen = false;
  /** Messages that came before accept(). */
  #waiting = [];
  #closeSent = false;
  #closeReceived = false;
  /** The far end: a PairEnd, HostEnd or ObjectEnd, or null. */
  #far = null;
  #coupled = false;
  /** Resolves when every message that waits behind a Blob is sent. */
  #unsent = null;
  /** Where accept() was called: handlers run as part of that event, and keep it open. */
  #frame = undefined;
  /** What is attached to it, as it is stored, unless an object has accepted it: the host has it then. */
  #attachment = undefined;

  constructor(url, protocols = undefined) {
    if (url === illegalKey) {
      super();
      return;
    }
    const prefix = "Failed to construct 'WebSocket'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    super();
    const target = parseUrl(url, prefix);
    const asked = parseProtocols(protocols);
    this.#url = target.href;
    this.#readyState = CONNECTING;
    this.#hold();
    this.#accepted = true;
    this.#connect(target, asked);
  }

  #connect(target, asked) {
    const headers = { Upgrade: "websocket" };
    if (asked.length > 0) {
      headers["Sec-WebSocket-Protocol"] = ArrayPrototypeJoin(asked, ", ");
    }
    const httpUrl = (target.protocol === "wss:" ? "https:" : "http:") + target.href.slice(target.protocol.length);
    const request = new Request(httpUrl, { headers });
    const opened = PromisePrototypeThen(sendRequest(toInnerRequest(request), undefined), (response) => {
      const socket = response.webSocket;
      if (socket === null) {
        throw new Error(`the server answered with status ${response.status} instead of 101`);
      }
      if (socket.#protocol !== "" && !ArrayPrototypeIncludes(asked, socket.#protocol)) {
        throw new Error(`the server chose the protocol "${socket.#protocol}", which was not asked for`);
      }
      this.#protocol = socket.#protocol;
      this.#extensions = socket.#extensions;
      this.#far = socket.#far;
      connected.set(this.#far.id, this);
      op_socket_listen(this.#far.id);
      if (this.#readyState === CLOSING) {
        this.#sendClose(1000, "");
        return;
      }
      this.#readyState = OPEN;
      this.#fire(new Event("open"));
    });
    PromisePrototypeCatch(opened, (error) => this.#fail(`WebSocket connection to ${this.#url} failed: ${error.message}`));
  }

  // Keeps the event of the running code open until the socket is closed.
  #hold() {
    this.#frame = currentFrame();
    const event = this.#frame?.event;
    if (event !== undefined) {
      event.open++;
    }
  }

  #release() {
    const event = this.#frame?.event;
    if (event !== undefined && this.#accepted) {
      this.#accepted = false;
      event.close();
    }
    if (this.#far?.id !== undefined) {
      connected.delete(this.#far.id);
    }
  }

  accept(options = undefined) {
    webidl.assertBranded(this, WebSocketPrototype);
    if (this.#coupled) {
      throw new TypeError("This WebSocket was put into a response: accept() the other end of its pair");
    }
    if (this.#far?.number !== undefined) {
      throw new TypeError("Can't accept() WebSocket after enabling hibernation: its messages go to the object's webSocketMessage()");
    }
    if (this.#far?.held !== undefined) {
      throw new TypeError("The other end of this pair was given to acceptWebSocket(): put this one into a response");
    }
    if (this.#accepted) {
      return;
    }
    this.#allowHalfOpen = options?.allowHalfOpen === true;
    this.#accepted = true;
    this.#hold();
    if (this.#far?.id !== undefined) {
      op_socket_listen(this.#far.id);
    }
    PromisePrototypeThen(PromiseResolve(), () => this.#drain());
  }

  send(data) {
    webidl.assertBranded(this, WebSocketPrototype);
    webidl.requiredArguments(arguments.length, 1, "Failed to execute 'send' on 'WebSocket'");
    if (this.#readyState === CONNECTING) {
      throw new DOMException("The WebSocket is not connected yet: wait for its open event", "InvalidStateError");
    }
    if (this.#coupled || (!this.#accepted && this.#readyState === OPEN)) {
      throw new TypeError("Call accept() on this WebSocket before sending on it");
    }
    if (this.#readyState !== OPEN && !(this.#readyState === CLOSING && this.#allowHalfOpen && !this.#closeSent)) {
      throw new TypeError("Cannot send on a WebSocket that is closing or closed");
    }
    if (ObjectPrototypeIsPrototypeOf(BlobPrototype, data) || this.#unsent !== null) {
      this.#putInTurn(data);
    } else {
      this.#put(messageOf(data));
    }
  }

  /** A Blob's bytes are read first; what is sent after it waits for its turn. */
  #putInTurn(data) {
    const message = ObjectPrototypeIsPrototypeOf(BlobPrototype, data) ? blobBytes(data) : messageOf(data);
    const turn = PromisePrototypeThen(this.#unsent ?? PromiseResolve(), () => PromisePrototypeThen(PromiseResolve(message), (bytes) => this.#put(bytes)));
    this.#unsent = turn;
    PromisePrototypeThen(turn, () => {
      if (this.#unsent === turn) {
        this.#unsent = null;
      }
    });
  }

  #put(data) {
    this.#far?.put(data);
  }

  close(code = undefined, reason = undefined) {
    webidl.assertBranded(this, WebSocketPrototype);
    ({ code, reason } = closeArguments(code, reason));
    if (this.#readyState === CONNECTING) {
      this.#readyState = CLOSING;
      return;
    }
    if (this.#readyState === CLOSED || this.#closeSent) {
      return;
    }
    this.#readyState = CLOSING;
    this.#sendClose(code ?? 1005, reason ?? "");
    if (this.#closeReceived) {
      this.#readyState = CLOSED;
      this.#release();
    }
  }

  #sendClose(code, reason) {
    this.#closeSent = true;
    if (this.#unsent !== null) {
      PromisePrototypeThen(this.#unsent, () => this.#putClose(code, reason));
    } else {
      this.#putClose(code, reason);
    }
  }

  #putClose(code, reason) {
    this.#far?.close(code, reason);
  }

  /** A message for this end: `{ data }`, `{ close: { code, reason } }` or `{ error }`. */
  #receive(message) {
    if (this.#coupled) {
      this.#forward(message);
    } else if (this.#accepted && this.#readyState !== CONNECTING && this.#waiting.length === 0) {
      this.#handle(message);
    } else {
      ArrayPrototypePush(this.#waiting, message);
    }
  }

  #drain() {
    while (this.#waiting.length > 0) {
      this.#handle(ArrayPrototypeShift(this.#waiting));
    }
  }

  #handle(message) {
    if (this.#readyState === CLOSED) {
      return;
    }
    if (message.data !== undefined) {
      this.#fire(new MessageEvent("message", { data: this.#present(message.data), origin: this.#url ?? "" }));
    } else if (message.close !== undefined) {
      this.#onClose(message.close);
    } else {
      this.#fail(message.error);
    }
  }

  #present(data) {
    if (typeof data === "string") {
      return data;
    }
    return this.#binaryType === "blob" ? new Blob([data]) : TypedArrayPrototypeGetBuffer(data);
  }

  #onClose({ code, reason }) {
    this.#closeReceived = true;
    if (!this.#closeSent && this.#allowHalfOpen) {
      this.#readyState = CLOSING;
    } else {
      if (!this.#closeSent) {
        this.#sendClose(code, reason);
      }
      this.#readyState = CLOSED;
    }
    this.#fire(new CloseEvent("close", { code, reason, wasClean: true }));
    if (this.#readyState === CLOSED) {
      this.#release();
    }
  }

  #fail(message) {
    if (this.#readyState === CLOSED) {
      return;
    }
    this.#readyState = CLOSED;
    const error = new Error(message);
    this.#fire(new ErrorEvent("error", { message, error }));
    this.#fire(new CloseEvent("close", { code: 1006, reason: "", wasClean: false }));
    this.#release();
  }

  #fire(event) {
    setIsTrusted(event, true);
    const outer = currentFrame();
    setFrame(this.#frame);
    try {
      dispatch(this, event);
    } finally {
      setFrame(outer);
    }
  }

  // What this coupled end was sent goes to the network.
  #forward(message) {
    if (message.data !== undefined) {
      this.#put(message.data);
    } else if (message.close !== undefined) {
      this.#sendClose(message.close.code, message.close.reason);
    }
  }

  /** Keeps a value with the socket, which an object finds again after it has slept. */
  serializeAttachment(value) {
    webidl.assertBranded(this, WebSocketPrototype);
    webidl.requiredArguments(arguments.length, 1, "Failed to execute 'serializeAttachment' on 'WebSocket'");
    const bytes = attachmentOf(value);
    if (this.#far?.number === undefined) {
      this.#attachment = bytes;
    } else if (this.#readyState !== CLOSED) {
      this.#far.attach(bytes);
    }
  }

  /** A copy of what was attached; null where nothing was. */
  deserializeAttachment() {
    webidl.assertBranded(this, WebSocketPrototype);
    return readAttachment(this.#far?.number === undefined ? this.#attachment : this.#far.attachment());
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#readyState;
  }

  get protocol() {
    return this.#protocol;
  }

  get extensions() {
    return this.#extensions;
  }

  get bufferedAmount() {
    return 0;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(value) {
    value = `${value}`;
    if (value === "blob" || value === "arraybuffer") {
      this.#binaryType = value;
    }
  }

  static {
    makePair = () => {
      const a = new WebSocket(illegalKey);
      const b = new WebSocket(illegalKey);
      a.#far = new PairEnd(b, deliverLater);
      b.#far = new PairEnd(a, deliverLater);
      return [a, b];
    };

    coupleToNetwork = (socket) => {
      if (!ObjectPrototypeIsPrototypeOf(WebSocketPrototype, socket)) {
        throw new TypeError("The webSocket of a response must be a WebSocket");
      }
      if (socket.#coupled || socket.#accepted) {
        throw new TypeError("This WebSocket is already in use: answer with the end of the pair that was not accepted");
      }
      const far = socket.#far;
      socket.#coupled = true;
      if (far.id !== undefined) {
        // It came from another server, or worker: the host joins the two, and nothing of it comes here.
        connected.delete(far.id);
        op_socket_pass(far.id);
        return far.id;
      }
      if (far.held !== undefined) {
        return far.held;
      }
      const other = far.socket;
      const id = op_socket_new();
      socket.#far = new HostEnd(id);
      other.#far = new HostEnd(id);
      connected.set(id, other);
      return id;
    };

    forwardWaiting = (socket) => {
      while (socket.#waiting.length > 0) {
        socket.#forward(ArrayPrototypeShift(socket.#waiting));
      }
    };

    receive = (socket, message) => socket.#receive(message);

    connect = (id, url, headerList) => {
      const socket = new WebSocket(illegalKey);
      socket.#far = new HostEnd(id);
      socket.#protocol = getHeader(headerList, "sec-websocket-protocol") ?? "";
      socket.#extensions = getHeader(headerList, "sec-websocket-extensions") ?? "";
      socket.#url = null;
      connected.set(id, socket);
      return socket;
    };

    /** An object accepts one end of a pair. Gives its number. */
    hold = (socket, object, tags) => {
      const peer = socket.#far?.socket;
      if (socket.#coupled || socket.#accepted || socket.#readyState !== OPEN || peer === undefined || peer.#accepted || peer.#coupled) {
        throw new TypeError("acceptWebSocket() takes the end of a new WebSocketPair whose other end is put into the response: neither may have been accepted or sent before");
      }
      const { 0: id, 1: number } = op_object_socket_accept(object, tags);
      socket.#far = new ObjectEnd(object, number);
      socket.#accepted = true;
      peer.#far = new HeldEnd(id);
      if (socket.#attachment !== undefined) {
        socket.#far.attach(socket.#attachment);
      }
      return number;
    };

    /** One that the object had accepted before it slept. */
    wake = (object, number, isClosing) => {
      const socket = new WebSocket(illegalKey);
      socket.#far = new ObjectEnd(object, number);
      socket.#accepted = true;
      socket.#closeSent = isClosing;
      socket.#readyState = isClosing ? CLOSING : OPEN;
      return socket;
    };

    /** It is closed from without; a close frame is answered. */
    closeHeld = (socket, code, reason, isFrame) => {
      if (isFrame && !socket.#closeSent) {
        socket.#sendClose(code, reason);
      }
      socket.#closeReceived = true;
      socket.#readyState = CLOSED;
    };

    /** The number of a socket that the object has accepted. */
    numberOf = (socket, object) => {
      const far = ObjectPrototypeIsPrototypeOf(WebSocketPrototype, socket) ? socket.#far : undefined;
      return far?.object === object ? far.number : undefined;
    };
  }
}

const CONSTANTS = { CONNECTING, OPEN, CLOSING, CLOSED };
for (const name of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]) {
  const descriptor = { __proto__: null, enumerable: true, value: CONSTANTS[name] };
  ObjectDefineProperties(WebSocket, {
    [name]: descriptor,
    [`READY_STATE_${name}`]: descriptor,
  });
  ObjectDefineProperties(WebSocket.prototype, {
    [name]: descriptor,
    [`READY_STATE_${name}`]: descriptor,
  });
}
webidl.configureInterface(WebSocket);
const WebSocketPrototype = WebSocket.prototype;
defineEventHandler(WebSocketPrototype, "open");
defineEventHandler(WebSocketPrototype, "message");
defineEventHandler(WebSocketPrototype, "close");
defineEventHandler(WebSocketPrototype, "error");

function deliverLater(socket, message) {
  PromisePrototypeThen(PromiseResolve(), () => receive(socket, message));
}

/** A message from the network. Kinds as in `ops/socket.rs`. */
function fromNetwork(id, kind, data, code) {
  const socket = connected.get(id);
  if (socket === undefined) {
    return;
  }
  receive(socket, kind <= 1 ? { data } : kind === 2 ? { close: { code, reason: data } } : { error: data });
}

setSocketConnector(connect);

export { closeHeld, coupleToNetwork, forwardWaiting, fromNetwork, hold, makePair, numberOf, wake, WebSocket };
