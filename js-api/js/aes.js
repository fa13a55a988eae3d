// Ciphers that deno_crypto has in part only: AES-CTR whose counter has any number of bits, and AES-GCM with nonces other than of
// 12 bytes or tags other than of 128 bits. Their ops take the bytes of a key and answer at once: no promise carries either.

import { core, primordials } from "ext:core/mod.js";
import { op_aes_ctr, op_aes_gcm_open, op_aes_gcm_seal } from "ext:core/ops";

const {
  ArrayBufferIsView,
  DataViewPrototypeGetByteLength,
  ArrayBufferPrototypeGetByteLength,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypeError,
  Uint8Array,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

const NONCE_BYTES = 12;
const TAG_BITS = 128;

const enforcedRange = (converter) => (value, prefix, context, _options) =>
  converter(value, prefix, context, { __proto__: null, enforceRange: true });
const convertCtrParams = webidl.createDictionaryConverter("AesCtrParams", [
  { key: "counter", converter: webidl.converters.BufferSource, required: true },
  { key: "length", converter: enforcedRange(webidl.converters.octet), required: true },
]);
const convertGcmParams = webidl.createDictionaryConverter("AesGcmParams", [
  { key: "additionalData", converter: webidl.converters.BufferSource },
  { key: "iv", converter: webidl.converters.BufferSource, required: true },
  { key: "tagLength", converter: enforcedRange(webidl.converters.octet), defaultValue: TAG_BITS },
]);
/** The members of all other ciphers' parameters. */
const OTHER_MEMBERS = ["additionalData", "iv", "label", "tagLength"];

/**
 * What an algorithm of encrypt(), decrypt(), wrapKey() or unwrapKey() says, read once.
 * @returns {{ name: string, params: unknown, encrypt: Function | null, decrypt: Function | null }} `name` in lower case; `params`
 *   are for deno_crypto; the functions, `(keyBytes, data) => ArrayBuffer`, are there where deno_crypto cannot do it
 */
function cipherOf(algorithm) {
  const name = nameOf(algorithm);
  if (!isObject(algorithm)) {
    return { __proto__: null, name, params: algorithm, encrypt: null, decrypt: null };
  }
  switch (name) {
    case "aes-ctr":
      return ctrCipher(name, convertCtrParams(algorithm, "AES-CTR", "the algorithm"));
    case "aes-gcm":
      return gcmCipher(name, convertGcmParams(algorithm, "AES-GCM", "the algorithm"));
  }
  return { __proto__: null, name, params: paramsOf(algorithm, name, OTHER_MEMBERS), encrypt: null, decrypt: null };
}

/** An algorithm for deno_crypto, whose name it need not convert again. */
function paramsOf(algorithm, name, members) {
  if (!isObject(algorithm)) {
    return algorithm;
  }
  const params = { __proto__: null, name };
  for (let i = 0; i < members.length; i++) {
    params[members[i]] = algorithm[members[i]];
  }
  return params;
}

function ctrCipher(name, { counter, length }) {
  const params = { __proto__: null, name, counter, length };
  if (length === 32 || length === 64 || length === 128) {
    return { __proto__: null, name, params, encrypt: null, decrypt: null };
  }
  const apply = (key, data) => TypedArrayPrototypeGetBuffer(op_aes_ctr(key, counter, length, data));
  return { __proto__: null, name, params, encrypt: apply, decrypt: apply };
}

function gcmCipher(name, { iv, additionalData = new Uint8Array(), tagLength }) {
  const params = { __proto__: null, name, iv, additionalData, tagLength };
  if (tagLength === TAG_BITS && byteLengthOf(iv) === NONCE_BYTES) {
    return { __proto__: null, name, params, encrypt: null, decrypt: null };
  }
  return {
    __proto__: null,
    name,
    params,
    encrypt: (key, data) => TypedArrayPrototypeGetBuffer(op_aes_gcm_seal(key, iv, additionalData, tagLength, data)),
    decrypt: (key, data) => TypedArrayPrototypeGetBuffer(op_aes_gcm_open(key, iv, additionalData, tagLength, data)),
  };
}

function byteLengthOf(source) {
  if (!ArrayBufferIsView(source)) {
    return ArrayBufferPrototypeGetByteLength(source);
  }
  return TypedArrayPrototypeGetSymbolToStringTag(source) === undefined
    ? DataViewPrototypeGetByteLength(source)
    : TypedArrayPrototypeGetByteLength(source);
}

function isObject(value) {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** The name of an AlgorithmIdentifier, in lower case: names are compared without regard to it. */
function nameOf(algorithm) {
  const name = isObject(algorithm) ? algorithm.name : algorithm;
  if (name === undefined) {
    throw new TypeError("An algorithm needs a name");
  }
  return StringPrototypeToLowerCase(webidl.converters.DOMString(name));
}

export { cipherOf, nameOf, paramsOf };
