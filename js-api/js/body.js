// How a body goes to the host: as text, as bytes, as a stream of ours, or, when worker code has not touched a stream that the
// host itself feeds, not at all: then the host splices it (`PASSTHROUGH`).

import { core, primordials } from "ext:core/mod.js";
import { op_inbound_pass, op_outbound_start } from "ext:core/ops";
import { takeStaticBody } from "ext:skerry/inner_body.js";
import { giveLastingChunks } from "ext:skerry/lasting_chunks.js";
import { slotNamed } from "ext:skerry/slots.js";

const { ObjectDefineProperty, ObjectPrototypeIsPrototypeOf, SafeWeakMap, TypeError } = primordials;

const {
  getReadableStreamResourceBacking,
  isReadableStreamDisturbed,
  ReadableStream,
  readableStreamClose,
  ReadableStreamDefaultReader,
  readableStreamDisturb,
  ReadableStreamPrototype,
  resourceForReadableStream,
} = core.loadExtScript("ext:deno_web/06_streams.js");

// The kinds, as in `ops/body.rs`.
const EMPTY = 0;
const TEXT = 1;
const BYTES = 2;
const STREAM = 3;
const PASSTHROUGH = 4;

const READER = slotNamed(new ReadableStream(), "[[reader]]");
const { cancel } = ReadableStreamDefaultReader.prototype;

/** ReadableStream -> the number of bytes it will give, where that is promised (FixedLengthStream, a received body). */
const promisedLength = new SafeWeakMap();

/**
 * Hands a body over. The body is used afterwards.
 * @param {InnerBody | null} body
 * @param {(error: unknown) => void} [onError] told when a stream of worker code fails
 * @returns {{ kind: number, value: unknown, length: number }} `length` is -1 where it is not known
 */
function bodyForHost(body, onError = undefined) {
  if (body === null) {
    return { kind: EMPTY, value: undefined, length: 0 };
  }
  if (body.unusable()) {
    throw new TypeError("The body has already been used: clone() the request or response before reading it twice");
  }
  const source = body.streamOrStatic;
  if (!ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, source)) {
    source.consumed = true;
    return staticBodyForHost(source.body);
  }
  const staticBody = takeStaticBody(source);
  if (staticBody !== undefined) {
    return staticBodyForHost(staticBody);
  }
  const backing = getReadableStreamResourceBacking(source);
  if (backing && !isReadableStreamDisturbed(source)) {
    const inbound = op_inbound_pass(backing.rid);
    if (inbound !== 0) {
      readableStreamDisturb(source);
      readableStreamClose(source);
      return { kind: PASSTHROUGH, value: inbound, length: -1 };
    }
  }
  const length = promisedLength.get(source) ?? body.length ?? -1;
  giveLastingChunks(source);
  const rid = resourceForReadableStream(source, undefined, onError);
  // The library calls this method of the reader, which worker code may have replaced on the prototype.
  ObjectDefineProperty(source[READER], "cancel", { __proto__: null, value: cancel });
  return { kind: STREAM, value: op_outbound_start(rid), length };
}

function staticBodyForHost(body) {
  return { kind: typeof body === "string" ? TEXT : BYTES, value: body, length: -1 };
}

/** `status text, name, value, name, value, ...`, a line each: none of them can hold a line feed. */
function headText(statusText, headerList) {
  let text = statusText;
  for (let i = 0; i < headerList.length; i++) {
    text += "\n" + headerList[i][0] + "\n" + headerList[i][1];
  }
  return text;
}

/** The header list of a flat array from the host: name, value, name, value, ... */
function headerListFromFlat(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) {
    list[i >> 1] = [flat[i], flat[i + 1]];
  }
  return list;
}

export { bodyForHost, EMPTY, headerListFromFlat, headText, promisedLength, STREAM };
