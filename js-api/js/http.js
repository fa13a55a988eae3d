// Request and Response as Workers have them, on top of deno_fetch's: `request.cf`, `response.webSocket`, and the inner request
// behind the one that a worker receives.

import { core, primordials } from "ext:core/mod.js";
import { op_request_body, op_request_cf, op_request_header, op_request_headers, op_request_method, op_request_url } from "ext:core/ops";
import { headerListFromFlat, promisedLength } from "ext:skerry/body.js";
import { withOwnMethods } from "ext:skerry/byte_controller.js";
import { replaceFormData } from "ext:skerry/formdata.js";
import { replaceConstructor } from "ext:skerry/interfaces.js";
import { slotNamed } from "ext:skerry/slots.js";

const {
  FunctionPrototypeCall,
  JSONParse,
  ObjectDefineProperties,
  ObjectPrototypeIsPrototypeOf,
  RangeError,
  ReflectConstruct,
  StringPrototypeToUpperCase,
  TypeError,
} = primordials;

const requests = core.loadExtScript("ext:deno_fetch/23_request.js");
const responses = core.loadExtScript("ext:deno_fetch/23_response.js");
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { ReadableStream, readableStreamForRid } = core.loadExtScript("ext:deno_web/06_streams.js");

const { RequestPrototype, toInnerRequest } = requests;
const { ResponsePrototype, getInnerResponse } = responses;

const CONTROLLER = slotNamed(new ReadableStream(), "[[controller]]");

// The kinds of body that the host announces with an event, as in `ops/event.rs`.
const BODY_EMPTY = 0;
const BODY_FULL = 1;

/**
 * The inner request behind a received one. Everything is read from the host only when worker code asks.
 * Once the event is over the host forgets it, and reading throws.
 */
class ReceivedRequest {
  redirectMode = "manual";
  redirectCount = 0;
  urlListProcessed = [];
  clientRid = null;
  blobUrlEntry = null;
  cancelSteps = null;
  #id;
  #method;
  #bodyKind;
  #body = undefined;
  #headerList = null;
  #url = undefined;
  #cf = null;

  constructor(id, method, bodyKind) {
    this.#id = id;
    this.#method = method;
    this.#bodyKind = bodyKind;
  }

  get method() {
    return (this.#method ??= op_request_method(this.#id));
  }

  url() {
    return (this.#url ??= op_request_url(this.#id));
  }

  currentUrl() {
    return this.url();
  }

  get urlList() {
    return [() => this.url()];
  }

  get headerList() {
    return (this.#headerList ??= headerListFromFlat(op_request_headers(this.#id)));
  }

  /** One header, without making the list. */
  header(name) {
    return op_request_header(this.#id, name);
  }

  get body() {
    if (this.#body === undefined) {
      this.#body = this.#bodyKind === BODY_EMPTY ? null : this.#openBody();
    }
    return this.#body;
  }

  set body(body) {
    this.#body = body;
  }

  #openBody() {
    const { 0: bytes, 1: rid, 2: length } = op_request_body(this.#id);
    if (this.#bodyKind === BODY_FULL) {
      const body = new InnerBody({ body: bytes, consumed: false });
      body.length = length;
      return body;
    }
    return new InnerBody(receivedStream(rid, length));
  }

  get cf() {
    if (this.#cf === null) {
      const text = op_request_cf(this.#id);
      this.#cf = text === "" ? undefined : JSONParse(text);
    }
    return this.#cf;
  }

  set cf(cf) {
    this.#cf = cf;
  }

  /** Called by `request.signal` on first use. */
  onCancel(steps) {
    this.cancelSteps = steps;
  }
}

/** The ReadableStream of a body that the host feeds. `length` is -1 where it is not known. */
function receivedStream(rid, length) {
  const stream = readableStreamForRid(rid);
  withOwnMethods(stream[CONTROLLER]);
  if (length >= 0) {
    promisedLength.set(stream, length);
  }
  return stream;
}

function Request(input, init = undefined) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor Request cannot be invoked without 'new'");
  }
  const request = ReflectConstruct(requests.Request, arguments, new.target);
  const inner = toInnerRequest(request);
  if (init?.method !== undefined) {
    // Workers write every method in capitals (compatibility flag upper_case_all_http_methods).
    inner.method = StringPrototypeToUpperCase(inner.method);
  }
  const cf = init?.cf ?? (isRequest(input) ? toInnerRequest(input).cf : undefined);
  if (cf !== undefined) {
    inner.cf = cf;
  }
  return request;
}
replaceConstructor(Request, requests.Request);

function Response(body = null, init = undefined) {
  if (new.target === undefined) {
    throw new TypeError("Class constructor Response cannot be invoked without 'new'");
  }
  const response = ReflectConstruct(responses.Response, arguments, new.target);
  if (init !== undefined && init !== null) {
    adoptInit(response, init);
  }
  return response;
}
replaceConstructor(Response, responses.Response);

/** The members of `ResponseInit` that only Workers have. */
function adoptInit(response, init) {
  const { webSocket, encodeBody, cf } = init;
  const inner = getInnerResponse(response);
  if (inner.status === 101 && (webSocket === undefined || webSocket === null)) {
    throw new RangeError("A response with status 101 needs a webSocket");
  }
  if (webSocket !== undefined && webSocket !== null) {
    if (inner.status !== 101) {
      throw new TypeError("A response with a webSocket must have status 101");
    }
    inner.webSocket = webSocket;
  }
  if (encodeBody !== undefined) {
    if (encodeBody !== "automatic" && encodeBody !== "manual") {
      throw new TypeError(`encodeBody must be "automatic" or "manual", not "${encodeBody}"`);
    }
    inner.encodeBody = encodeBody;
  }
  if (cf !== undefined) {
    inner.cf = cf;
  }
}

function isRequest(value) {
  return ObjectPrototypeIsPrototypeOf(RequestPrototype, value);
}

function isResponse(value) {
  return ObjectPrototypeIsPrototypeOf(ResponsePrototype, value);
}

replaceFormData(RequestPrototype, (request) => toInnerRequest(request).headerList);
replaceFormData(ResponsePrototype, (response) => getInnerResponse(response).headerList);

const baseRequestClone = RequestPrototype.clone;
const baseResponseClone = ResponsePrototype.clone;

ObjectDefineProperties(RequestPrototype, {
  cf: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      return toInnerRequest(this).cf;
    },
  },
  clone: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: function clone() {
      const copy = FunctionPrototypeCall(baseRequestClone, this);
      toInnerRequest(copy).cf = toInnerRequest(this).cf;
      return copy;
    },
    writable: true,
  },
});

ObjectDefineProperties(ResponsePrototype, {
  webSocket: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      return getInnerResponse(this).webSocket ?? null;
    },
  },
  cf: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      return getInnerResponse(this).cf;
    },
  },
  clone: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: function clone() {
      if (getInnerResponse(this).webSocket !== undefined) {
        throw new TypeError("Cannot clone a response to a WebSocket handshake");
      }
      const copy = FunctionPrototypeCall(baseResponseClone, this);
      getInnerResponse(copy).cf = getInnerResponse(this).cf;
      getInnerResponse(copy).encodeBody = getInnerResponse(this).encodeBody;
      return copy;
    },
    writable: true,
  },
});

export { isResponse, ReceivedRequest, receivedStream, Request, Response };
