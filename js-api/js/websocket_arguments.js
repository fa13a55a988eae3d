// The arguments of `new WebSocket(url, protocols)` and `send(data)`: https://websockets.spec.whatwg.org/#the-websocket-interface

import { core, primordials } from "ext:core/mod.js";

const {
  ArrayBufferIsView,
  ArrayIsArray,
  ArrayPrototypePush,
  FunctionPrototypeCall,
  PromisePrototypeThen,
  TypedArrayPrototypeSlice,
  Uint8Array,
  RegExpPrototypeTest, SafeRegExp, SafeSet, StringPrototypeToLowerCase } = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
const { BlobPrototype } = core.loadExtScript("ext:deno_web/09_file.js");
const { URL } = core.loadExtScript("ext:deno_web/00_url.js");

const PROTOCOL_TOKEN = new SafeRegExp(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);

/** What `close()` was given. */
function closeArguments(code, reason) {
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
  return { code, reason };
}

function refuseAttachment(message) {
  throw new DOMException(message, "DataCloneError");
}

function parseUrl(url, prefix) {
  let parsed;
  try {
    parsed = new URL(webidl.converters.USVString(url, prefix, "Argument 1"));
  } catch {
    throw new DOMException(`${prefix}: "${url}" is not a URL`, "SyntaxError");
  }
  if (parsed.protocol === "http:") {
    parsed.protocol = "ws:";
  } else if (parsed.protocol === "https:") {
    parsed.protocol = "wss:";
  }
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw new DOMException(`${prefix}: the URL's scheme must be ws, wss, http or https, not "${parsed.protocol}"`, "SyntaxError");
  }
  if (parsed.hash !== "") {
    throw new DOMException(`${prefix}: the URL must not have a fragment`, "SyntaxError");
  }
  return parsed;
}

function parseProtocols(protocols) {
  const list = protocols === undefined ? [] : ArrayIsArray(protocols) ? protocols : [protocols];
  const seen = new SafeSet();
  const parsed = [];
  for (let i = 0; i < list.length; i++) {
    const protocol = `${list[i]}`;
    const key = StringPrototypeToLowerCase(protocol);
    if (!RegExpPrototypeTest(PROTOCOL_TOKEN, protocol) || seen.has(key)) {
      throw new DOMException(`Failed to construct 'WebSocket': the protocol "${protocol}" is not a token or is named twice`, "SyntaxError");
    }
    seen.add(key);
    ArrayPrototypePush(parsed, protocol);
  }
  return parsed;
}

const blobArrayBuffer = BlobPrototype.arrayBuffer;

function blobBytes(blob) {
  return PromisePrototypeThen(FunctionPrototypeCall(blobArrayBuffer, blob), (buffer) => new Uint8Array(buffer));
}

/** A message as it travels: a string, or bytes of our own. */
function messageOf(data) {
  if (typeof data === "string") {
    return data;
  }
  if (ArrayBufferIsView(data)) {
    return TypedArrayPrototypeSlice(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  if (core.isAnyArrayBuffer(data)) {
    return TypedArrayPrototypeSlice(new Uint8Array(data));
  }
  return `${data}`;
}

export { blobBytes, closeArguments, messageOf, parseProtocols, parseUrl, refuseAttachment };
