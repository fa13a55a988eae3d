// WebSocket and WebSocketPair: https://websockets.spec.whatwg.org and
// https://developers.cloudflare.com/workers/runtime-apis/websockets/
//
// A socket has a far end: the other socket of a pair, or the network (a socket id at the host). Of a pair, the end that is put
// into a 101 response is replaced by the network: its other end then talks to the client.

import { core, primordials } from "ext:core/mod.js";
import { op_socket_close, op_socket_new, op_socket_send_binary, op_socket_send_text } from "ext:core/ops";
import { currentFrame, setFrame } from "ext:skerry/context.js";
import { dispatch } from "ext:skerry/events.js";
import { send as sendRequest, setSocketConnector } from "ext:skerry/fetch.js";
import { Request } from "ext:skerry/http.js";
import { blobBytes, messageOf, parseProtocols, parseUrl } from "ext:skerry/websocket_arguments.js";

const {
  ArrayIsArray,
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
  SymbolIterator,
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

/** socket id -> the WebSocket of worker code at this end, or the messages that came before there is one */
const connected = new SafeMap();

const illegalKey = {};

// Doors to private state for this file alone, set in the class's static block.
let makePair, coupleToNetwork, forwardWaiting, spliceToNetwork, receive, connect;

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
  /** The far end: `{ socket }` in this isolate, `{ id }` on the network, or null. */
  #far = null;
  #coupled = false;
  /** Resolves when every message that waits behind a Blob is sent. */
  #unsent = null;
  /** Where accept() was called: handlers run as part of that event, and keep it open. */
  #frame = undefined;

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
      this.#waiting = socket.#waiting;
      connected.set(this.#far.id, this);
      if (this.#readyState === CLOSING) {
        this.#sendClose(1000, "");
        return;
      }
      this.#readyState = OPEN;
      this.#fire(new Event("open"));
      this.#drain();
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
    if (this.#accepted) {
      return;
    }
    this.#allowHalfOpen = options?.allowHalfOpen === true;
    this.#accepted = true;
    this.#hold();
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
    const far = this.#far;
    if (far === null) {
      return;
    }
    if (far.id !== undefined) {
      if (typeof data === "string") {
        op_socket_send_text(far.id, data);
      } else {
        op_socket_send_binary(far.id, data);
      }
    } else {
      deliverLater(far.socket, { data });
    }
  }

  close(code = undefined, reason = undefined) {
    webidl.assertBranded(this, WebSocketPrototype);
    const prefix = "Failed to execute 'close' on 'WebSocket'";
    if (code !== undefined) {
      code = webidl.converters["unsigned short"](code, prefix, "Argument 1", { clamp: true });
      if (code !== 1000 && !(code >= 3000 && code < 5000) && !(code >= 1001 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006)) {
        throw new DOMException(`${code} is not a close code that may be sent: use 1000 or 3000 to 4999`, "InvalidAccessError");
      }
    }
    if (reason !== undefined) {
      reason = webidl.converters.USVString(reason, prefix, "Argument 2");
      if (core.byteLength(reason) > 123) {
        throw new DOMException("The close reason is longer than 123 bytes", "SyntaxError");
      }
      if (code === undefined) {
        throw new DOMException("A close reason needs a close code before it", "SyntaxError");
      }
    }
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
    const far = this.#far;
    if (far?.id !== undefined) {
      op_socket_close(far.id, code, reason);
    } else if (far?.socket !== undefined) {
      deliverLater(far.socket, { close: { code, reason } });
    }
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
      a.#far = { socket: b };
      b.#far = { socket: a };
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
        // It came from another server: the network on both sides.
        return spliceToNetwork(socket, far.id);
      }
      const other = far.socket;
      const id = op_socket_new();
      socket.#far = { id };
      other.#far = { id };
      connected.set(id, other);
      return id;
    };

    forwardWaiting = (socket) => {
      while (socket.#waiting.length > 0) {
        socket.#forward(ArrayPrototypeShift(socket.#waiting));
      }
    };

    // Messages of one network socket go to the other: a proxied WebSocket.
    spliceToNetwork = (socket, origin) => {
      const client = op_socket_new();
      const [toClient, fromOrigin] = [new WebSocket(illegalKey), socket];
      toClient.#coupled = true;
      toClient.#far = { id: origin };
      fromOrigin.#far = { id: client };
      connected.set(client, toClient);
      connected.set(origin, fromOrigin);
      return client;
    };

    receive = (socket, message) => socket.#receive(message);

    connect = (id, url, headerList) => {
      const socket = new WebSocket(illegalKey);
      socket.#far = { id };
      socket.#protocol = getHeader(headerList, "sec-websocket-protocol") ?? "";
      socket.#extensions = getHeader(headerList, "sec-websocket-extensions") ?? "";
      socket.#url = null;
      socket.#waiting = connected.get(id) ?? [];
      connected.set(id, socket);
      return socket;
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

/** Two sockets that are connected to each other, as `0` and `1`. */
class WebSocketPair {
  constructor() {
    const pair = makePair();
    this[0] = pair[0];
    this[1] = pair[1];
  }

  *[SymbolIterator]() {
    yield this[0];
    yield this[1];
  }
}

function deliverLater(socket, message) {
  PromisePrototypeThen(PromiseResolve(), () => receive(socket, message));
}

/** A message from the network. Kinds as in `ops/socket.rs`. */
function fromNetwork(id, kind, data, code) {
  const socket = connected.get(id);
  if (socket === undefined) {
    return;
  }
  const message = kind <= 1 ? { data } : kind === 2 ? { close: { code, reason: data } } : { error: data };
  if (ArrayIsArray(socket)) {
    ArrayPrototypePush(socket, message);
  } else {
    receive(socket, message);
  }
}

setSocketConnector({
  __proto__: null,
  /** A handshake is under way: what the server says right after it waits for the socket. */
  expect(id) {
    connected.set(id, []);
  },
  /** There was no 101 answer. */
  forget(id) {
    connected.delete(id);
  },
  connect,
});

export { coupleToNetwork, forwardWaiting, fromNetwork, WebSocket, WebSocketPair };
