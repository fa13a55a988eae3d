// fetch(): https://fetch.spec.whatwg.org/#fetch-method
//
// The request goes to the host as one message; the host connects, follows redirects and decodes. `init.cf` is carried on the
// request and otherwise ignored.

import { core, internals, primordials } from "ext:core/mod.js";
import { op_data_url, op_fetch_answer, op_fetch_cancel, op_fetch_count, op_fetch_start } from "ext:core/ops";
import { bodyForHost, headerListFromFlat, headText } from "ext:skerry/body.js";
import { currentEvent, currentEventId, currentFrame, currentOwnerId } from "ext:skerry/context.js";
import { farError } from "ext:skerry/far_errors.js";
import { receivedStream, Request } from "ext:skerry/http.js";
import { inputGate } from "ext:skerry/objects/gate.js";

const {
  Error,
  ObjectPrototypeIsPrototypeOf,
  Promise,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  StringPrototypeStartsWith,
  TypeError,
} = primordials;

const { toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
const { fromInnerResponse, newInnerResponse, nullBodyStatus } = core.loadExtScript("ext:deno_fetch/23_response.js");
const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");
const { getHeader } = core.loadExtScript("ext:deno_fetch/20_headers.js");
const { errorReadableStream, ReadableStreamPrototype } = core.loadExtScript("ext:deno_web/06_streams.js");
const abortSignal = core.loadExtScript("ext:deno_web/03_abort_signal.js");

// `RedirectMode`, as in `ops/subrequest.rs`.
const REDIRECT_MODES = { __proto__: null, follow: 0, error: 1, manual: 2 };

let connectSocket;

/** websocket.js tells how a 101 answer becomes a WebSocket (it imports this module). */
function setSocketConnector(connect) {
  connectSocket = connect;
}

// As in `ops/subrequest.rs`.
const NETWORK = { __proto__: null, place: 0, object: "", name: null };

function fetch(input, init = undefined) {
  return fetchFrom(NETWORK, arguments.length, input, init);
}

/** @param {{ place: number, object: string, name: string | null }} target the network, or what a binding leads to */
function fetchFrom(target, argumentCount, input, init) {
  let request, signal;
  try {
    if (argumentCount === 0) {
      throw new TypeError("Failed to execute 'fetch': 1 argument required, but only 0 present");
    }
    if (target !== NETWORK) {
      requireEvent();
    }
    request = new Request(input, init);
    signal = internals.getCachedAbortSignal(request);
    if (signal?.aborted) {
      toInnerRequest(request).body?.cancel(signal.reason);
      throw signal.reason;
    }
    const inner = toInnerRequest(request);
    const isData = target === NETWORK && StringPrototypeStartsWith(inner.url(), "data:");
    return isData ? PromiseResolve(dataResponse(inner)) : send(inner, signal, target);
  } catch (error) {
    return PromiseReject(error);
  }
}

/** Whoever starts a worker must not have to start another for it, which may be the same: throws in the global scope. */
function requireEvent() {
  if (currentEvent() === undefined) {
    throw new Error(
      "Disallowed in the global scope: other workers and Durable Objects can only be called while a request or another event is being handled",
    );
  }
}

/** https://fetch.spec.whatwg.org/#scheme-fetch */
function dataResponse(request) {
  const data = op_data_url(request.url());
  if (data === null) {
    throw new TypeError("The data: URL is broken");
  }
  const inner = newInnerResponse(200, "OK");
  inner.urlList = [request.url()];
  inner.headerList = [["content-type", data[0]]];
  inner.body = receivedBody({ __proto__: null, rid: null, bytes: data[1] }, null);
  return fromInnerResponse(inner, "immutable");
}

/** Sends an inner request; resolves to a Response. */
function send(inner, signal, target = NETWORK) {
  op_fetch_count(currentOwnerId());
  const upgrade = getHeader(inner.headerList, "upgrade");
  const wantsSocket = upgrade !== null && primordials.StringPrototypeToLowerCase(upgrade) === "websocket";
  const body = bodyForHost(inner.body);
  const { 0: id, 1: socketId } = op_fetch_start(
    currentOwnerId(),
    currentEventId(),
    inner.method,
    inner.url(),
    headText("", inner.headerList),
    target.place,
    target.object,
    target.name,
    target.props ?? null,
    REDIRECT_MODES[inner.redirectMode],
    body.kind,
    body.value,
    body.length,
    wantsSocket,
  );
  const answer = PromisePrototypeThen(whenAdmitted(op_fetch_answer(id)), (reply) => responseOf(inner, reply, socketId, signal));
  return signal ? abortable(answer, signal, () => op_fetch_cancel(id)) : answer;
}

/** The answer, when the object that asked lets it in. */
function whenAdmitted(answer) {
  const frame = currentFrame();
  if (inputGate(frame) === undefined) {
    return answer;
  }
  return new Promise((resolve, reject) => {
    PromisePrototypeThen(
      answer,
      (reply) => inputGate(frame).passAlone(() => resolve(reply)),
      (error) => inputGate(frame).passAlone(() => reject(error)),
    );
  });
}

function abortable(answer, signal, cancel) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    signal[abortSignal.add](onAbort);
    PromisePrototypeThen(
      answer,
      (response) => {
        signal[abortSignal.remove](onAbort);
        resolve(response);
      },
      (error) => {
        signal[abortSignal.remove](onAbort);
        reject(error);
      },
    );
  });
}

function responseOf(request, reply, socketId, signal) {
  if (reply.failed !== undefined) {
    throw farError(reply.failed, reply.flags);
  }
  const inner = newInnerResponse(reply.status, reply.statusText);
  inner.headerList = headerListFromFlat(reply.headers);
  inner.urlList = [request.url()];
  for (let i = 0; i < reply.redirectedTo.length; i++) {
    inner.urlList[i + 1] = reply.redirectedTo[i];
  }
  if (reply.upgraded) {
    inner.webSocket = connectSocket(socketId, request.url(), inner.headerList);
    return fromInnerResponse(inner, "immutable");
  }
  if (!nullBodyStatus(reply.status)) {
    inner.body = receivedBody(reply, signal);
  } else if (reply.rid !== null) {
    // No body comes with this status; the host must not keep one.
    core.tryClose(reply.rid);
  }
  return fromInnerResponse(inner, "immutable");
}

function receivedBody(reply, signal) {
  if (reply.rid === null) {
    const body = new InnerBody({ body: reply.bytes, consumed: false });
    body.length = reply.bytes.byteLength;
    return body;
  }
  const stream = receivedStream(reply.rid, reply.length);
  if (signal) {
    signal[abortSignal.add](() => {
      if (ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, stream)) {
        errorReadableStream(stream, signal.reason);
        core.tryClose(reply.rid);
      }
    });
  }
  return new InnerBody(stream);
}

export { fetch, fetchFrom, requireEvent, send, setSocketConnector };
