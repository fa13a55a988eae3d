// SubtleCrypto, where deno_crypto departs from the standard: https://w3c.github.io/webcrypto/
//
// - usages: unknown ones are refused, the others are kept in the standard's order, each once
// - keys of HKDF and PBKDF2 are never extractable
// - elliptic keys are checked to be points of their curve
// - AES-CTR with counters of any length, AES-GCM with all tags that the standard allows
// - MD5, which Workers have

import { core, primordials } from "ext:core/mod.js";
import { op_digest_finish, op_digest_new, op_digest_update, op_timing_safe_equal } from "ext:core/ops";
import { applyCtr, openWithShortTag, WHOLE_TAG } from "ext:skerry/aes.js";
import { viewOf } from "ext:skerry/crypto.js";

const {
  ArrayBufferIsView,
  ArrayPrototypeIncludes,
  ArrayPrototypePush,
  FunctionPrototypeApply,
  FunctionPrototypeCall,
  JSONParse,
  JSONStringify,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ReflectDeleteProperty,
  SafeArrayIterator,
  SafeSet,
  StringPrototypeToUpperCase,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSlice,
  Uint8Array,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const KEY_USAGES = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "deriveKey",
  "deriveBits",
  "wrapKey",
  "unwrapKey",
  "encapsulateKey",
  "encapsulateBits",
  "decapsulateKey",
  "decapsulateBits",
];
/** The methods that take usages, and at which argument. */
const USAGES_AT = {
  __proto__: null,
  decapsulateKey: 5,
  deriveKey: 4,
  encapsulateKey: 4,
  generateKey: 2,
  getPublicKey: 1,
  importKey: 4,
  unwrapKey: 6,
};
const KEY_DERIVATIONS = new SafeSet(["Argon2d", "Argon2i", "Argon2id", "HKDF", "PBKDF2"]);

const convertUsages = webidl.createSequenceConverter(webidl.createEnumConverter("KeyUsage", KEY_USAGES));
const enforcedRange = (converter) => (value, prefix, context, _options) =>
  converter(value, prefix, context, { __proto__: null, enforceRange: true });
const convertAesCtrParams = webidl.createDictionaryConverter("AesCtrParams", [
  { key: "counter", converter: webidl.converters.BufferSource, required: true },
  { key: "length", converter: enforcedRange(webidl.converters.octet), required: true },
]);
const convertAesGcmParams = webidl.createDictionaryConverter("AesGcmParams", [
  { key: "iv", converter: webidl.converters.BufferSource, required: true },
  { key: "additionalData", converter: webidl.converters.BufferSource },
  { key: "tagLength", converter: enforcedRange(webidl.converters.octet), defaultValue: WHOLE_TAG },
]);

/** deno_crypto's own methods, by name. */
const base = { __proto__: null };
let importKey, SubtleCryptoPrototype, typeOf, algorithmOf, usagesOf, materialOf;

/** Replaces methods of SubtleCrypto, and takes away what is there for node:crypto only. */
function mendCrypto({ Crypto, CryptoKey, SubtleCrypto }) {
  SubtleCryptoPrototype = SubtleCrypto.prototype;
  typeOf = getterOf(CryptoKey.prototype, "type");
  algorithmOf = getterOf(CryptoKey.prototype, "algorithm");
  usagesOf = getterOf(CryptoKey.prototype, "usages");
  const { exportNodeMaterial } = CryptoKey;
  materialOf = (key) => FunctionPrototypeCall(exportNodeMaterial, CryptoKey, key).data;
  // These reach the bytes of keys that are not extractable, or make keys that nobody has checked.
  for (const name of new SafeArrayIterator(["exportNodeMaterial", "fromCloneData", "importSync"])) {
    ReflectDeleteProperty(CryptoKey, name);
  }
  for (const name of new SafeArrayIterator(["create", "registerSymbols"])) {
    ReflectDeleteProperty(Crypto, name);
    ReflectDeleteProperty(SubtleCrypto, name);
  }
  for (const name of new SafeArrayIterator(["encrypt", "exportKey", "getPublicKey", "importKey"])) {
    base[name] = SubtleCryptoPrototype[name];
  }
  for (const name in USAGES_AT) {
    replaceMethod(name, withUsages);
  }
  replaceMethod("deriveKey", withSecretThatStays);
  replaceMethod("importKey", withSoundImport);
  ({ importKey } = SubtleCryptoPrototype);
  replaceMethod("unwrapKey", withSoundUnwrap);
  replaceMethod("wrapKey", withOwnWrapping);
  replaceMethod("encrypt", withOwnCiphers);
  replaceMethod("decrypt", withOwnCiphers);
  replaceMethod("digest", withMd5);
}

function getterOf(prototype, name) {
  const { get } = ObjectGetOwnPropertyDescriptor(prototype, name);
  return (object) => FunctionPrototypeCall(get, object);
}

function replaceMethod(name, wrap) {
  const inner = SubtleCryptoPrototype[name];
  const method = wrap(inner, name);
  ObjectDefineProperty(method, "name", { __proto__: null, configurable: true, value: name });
  ObjectDefineProperty(method, "length", { __proto__: null, configurable: true, value: inner.length });
  ObjectDefineProperty(SubtleCryptoPrototype, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: method,
    writable: true,
  });
}

// The wrappers are written as methods, since those have neither a `prototype` nor `new`.

const withUsages = (inner, name) => ({
  async method(...args) {
    const at = USAGES_AT[name];
    if (args.length > at) {
      const prefix = `Failed to execute '${name}' on 'SubtleCrypto'`;
      args[at] = normalizedUsages(convertUsages(args[at], prefix, `Argument ${at + 1}`));
    }
    return await FunctionPrototypeApply(inner, this, args);
  },
}.method);

function normalizedUsages(usages) {
  const normalized = [];
  for (let i = 0; i < KEY_USAGES.length; i++) {
    if (ArrayPrototypeIncludes(usages, KEY_USAGES[i])) {
      ArrayPrototypePush(normalized, KEY_USAGES[i]);
    }
  }
  return new SafeArrayIterator(normalized);
}

const withSecretThatStays = (inner) => ({
  async method(...args) {
    const key = await FunctionPrototypeApply(inner, this, args);
    checkSecretStays(key, args[3]);
    return key;
  },
}.method);

const withSoundImport = (inner) => ({
  async method(...args) {
    const key = await FunctionPrototypeApply(inner, this, args);
    checkSecretStays(key, args[3]);
    const isJwk = !ArrayBufferIsView(args[1]) && !core.isAnyArrayBuffer(args[1]);
    await checkEllipticKey(this, key, isJwk ? args[1] : null);
    return key;
  },
}.method);

function checkSecretStays(key, extractable) {
  if (extractable && KEY_DERIVATIONS.has(algorithmOf(key).name)) {
    throw new DOMException("A key to derive others from cannot be extractable", "SyntaxError");
  }
}

/** deno_crypto decodes the point or scalar of a key only when it is used: this uses it. */
async function checkEllipticKey(subtle, key, jwk) {
  const algorithm = algorithmOf(key);
  if (algorithm.name !== "ECDSA" && algorithm.name !== "ECDH") {
    return;
  }
  const isPrivate = typeOf(key) === "private";
  let fits;
  try {
    const noUsages = () => new SafeArrayIterator([]);
    const point = materialOf(isPrivate ? await FunctionPrototypeCall(base.getPublicKey, subtle, key, noUsages()) : key);
    fits = jwk === null || jwk.crv === algorithm.namedCurve;
    if (fits && jwk !== null && isPrivate) {
      const open = { __proto__: null, kty: "EC", crv: jwk.crv, x: jwk.x, y: jwk.y };
      const given = materialOf(await FunctionPrototypeCall(base.importKey, subtle, "jwk", open, algorithm, true, noUsages()));
      fits = TypedArrayPrototypeGetByteLength(given) === TypedArrayPrototypeGetByteLength(point) && op_timing_safe_equal(given, point);
    }
  } catch {
    fits = false;
  }
  if (!fits) {
    throw new DOMException(`The key is not one of the curve ${algorithm.namedCurve}`, "DataError");
  }
}

const withSoundUnwrap = (inner) => ({
  async method(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, usages) {
    const decrypt = arguments.length < 7 ? null : ownCipher(unwrapAlgorithm, true);
    if (decrypt === null) {
      const key = await FunctionPrototypeApply(inner, this, arguments);
      checkSecretStays(key, extractable);
      await checkEllipticKey(this, key, null);
      return key;
    }
    requireUsage(this, unwrappingKey, unwrapAlgorithm, "unwrapKey");
    const bytes = await decrypt(this, unwrappingKey, bytesOf(wrappedKey));
    const data = `${format}` === "jwk" ? parsedJwk(bytes) : bytes;
    return await FunctionPrototypeCall(importKey, this, format, data, unwrappedKeyAlgorithm, extractable, usages);
  },
}.method);

const withMd5 = (inner) => ({
  async method(algorithm, data) {
    if (arguments.length < 2 || nameOf(algorithm) !== "MD5") {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    webidl.assertBranded(this, SubtleCryptoPrototype);
    const bytes = viewOf(data, "The data to digest");
    const hasher = op_digest_new("MD5");
    op_digest_update(hasher, bytes);
    return TypedArrayPrototypeGetBuffer(op_digest_finish(hasher));
  },
}.method);

/**
 * Ciphers that deno_crypto has in part only; null for all others. They take their bytes from a key themselves, so whoever calls
 * them has to look at its usages first.
 */
function ownCipher(algorithm, decrypts) {
  const name = nameOf(algorithm);
  if (name === "AES-CTR") {
    const { counter, length } = convertAesCtrParams(algorithm, "AES-CTR", "the algorithm");
    if (length === 32 || length === 64 || length === 128) {
      return null;
    }
    const start = bytesOf(counter);
    return async (subtle, key, data) => {
      const encrypt = await encryption(subtle, key);
      return await applyCtr((block, bytes) => encrypt({ __proto__: null, name, counter: block, length: 128 }, bytes), start, length, data);
    };
  }
  if (name === "AES-GCM" && decrypts) {
    const { iv, additionalData, tagLength } = convertAesGcmParams(algorithm, "AES-GCM", "the algorithm");
    if (tagLength === WHOLE_TAG) {
      return null;
    }
    const params = { __proto__: null, name, iv: bytesOf(iv) };
    if (additionalData !== undefined) {
      params.additionalData = bytesOf(additionalData);
    }
    return async (subtle, key, data) => {
      const encrypt = await encryption(subtle, key);
      return await openWithShortTag((bytes) => encrypt(params, bytes), tagLength, data);
    };
  }
  return null;
}

/** deno_crypto's encrypt() with the bytes of a key that may be for something else. */
async function encryption(subtle, key) {
  const usages = new SafeArrayIterator(["encrypt"]);
  const twin = await FunctionPrototypeCall(base.importKey, subtle, "raw", materialOf(key), algorithmOf(key).name, false, usages);
  return (params, data) => FunctionPrototypeCall(base.encrypt, subtle, params, twin, data);
}

function requireUsage(subtle, key, algorithm, usage) {
  webidl.assertBranded(subtle, SubtleCryptoPrototype);
  if (algorithmOf(key).name !== nameOf(algorithm) || !ArrayPrototypeIncludes(usagesOf(key), usage)) {
    throw new DOMException("The key is not for this algorithm and operation", "InvalidAccessError");
  }
}

const withOwnCiphers = (inner, usage) => ({
  async method(algorithm, key, data) {
    const cipher = arguments.length < 3 ? null : ownCipher(algorithm, usage === "decrypt");
    if (cipher === null) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    requireUsage(this, key, algorithm, usage);
    return await cipher(this, key, bytesOf(data));
  },
}.method);

const withOwnWrapping = (inner) => ({
  async method(format, key, wrappingKey, wrapAlgorithm) {
    const encrypt = arguments.length < 4 ? null : ownCipher(wrapAlgorithm, false);
    if (encrypt === null) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    requireUsage(this, wrappingKey, wrapAlgorithm, "wrapKey");
    const data = await FunctionPrototypeCall(base.exportKey, this, format, key);
    const bytes = core.isArrayBuffer(data) ? new Uint8Array(data) : core.encode(JSONStringify(data));
    return await encrypt(this, wrappingKey, bytes);
  },
}.method);

function parsedJwk(bytes) {
  try {
    return JSONParse(core.decode(new Uint8Array(bytes)));
  } catch {
    throw new DOMException("The wrapped key is no JSON", "DataError");
  }
}

function nameOf(algorithm) {
  const name = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
  return typeof name === "string" ? StringPrototypeToUpperCase(name) : "";
}

function bytesOf(data) {
  return TypedArrayPrototypeSlice(viewOf(data, "The data"));
}

export { mendCrypto };
