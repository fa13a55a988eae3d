// SubtleCrypto, where deno_crypto departs from the standard: https://w3c.github.io/webcrypto/
//
// - usages: unknown ones are refused, the others are kept in the standard's order, each once
// - keys of HKDF and PBKDF2 are never extractable
// - elliptic keys are checked to be points of their curve
// - AES-CTR with counters of any length, AES-GCM with all nonces and tags that the standard allows
// - MD5, which Workers have
// - bounds on what an operation may cost
//
// Whatever resolves a promise can be seen by worker code, by way of a `then` on Object.prototype, or of a patched Promise. So keys
// and bytes that it may not have pass through none: what deno_crypto does synchronously is called as such.

import { core, primordials } from "ext:core/mod.js";
import { op_digest_finish, op_digest_new, op_digest_update, op_timing_safe_equal } from "ext:core/ops";
import { cipherOf, nameOf, paramsOf } from "ext:skerry/aes.js";
import { viewOf } from "ext:skerry/crypto.js";
import { boundedDerivation, boundedGeneration, checkCost } from "ext:skerry/crypto_cost.js";

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
  ObjectPrototype,
  ObjectSetPrototypeOf,
  ReflectDeleteProperty,
  SafeArrayIterator,
  SafeSet,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
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
/** The members that algorithms of digest() have besides their name. */
const DIGEST_MEMBERS = ["outputLength", "functionName", "customization", "domainSeparation"];
const KEY_DERIVATIONS = new SafeSet(["hkdf", "pbkdf2"]);
/** What deno_crypto reads and sets when it gives a key's bytes. */
const MATERIAL_MEMBERS = ["data", "name", "namedCurve", "type"];
/** What deno_crypto wraps into functions that give promises, though it has done when it returns. */
const SYNCHRONOUS = ["getPublicKey", "importKey", "unwrapKey"];

const convertUsages = webidl.createSequenceConverter(webidl.createEnumConverter("KeyUsage", KEY_USAGES));
/** deno_crypto's own methods, by name: `native` gives what those of `SYNCHRONOUS` give, `base` promises. */
const native = { __proto__: null };
const base = { __proto__: null };
let SubtleCryptoPrototype, typeOf, algorithmOf, usagesOf, materialOf;

/** Gives `crypto`, and takes away what is there for node:crypto only. */
function restoreCrypto() {
  const { crypto } = denoCrypto;
  // These reach the bytes of keys that are not extractable, or make keys that nobody has checked.
  for (const name of new SafeArrayIterator(["exportNodeMaterial", "fromCloneData", "importSync"])) {
    ReflectDeleteProperty(CryptoKey, name);
  }
  for (const name of new SafeArrayIterator(["create", "registerSymbols"])) {
    ReflectDeleteProperty(Crypto, name);
    ReflectDeleteProperty(SubtleCrypto, name);
  }
  return crypto;
}

function mendCrypto() {
  SubtleCryptoPrototype = SubtleCrypto.prototype;
  typeOf = getterOf(CryptoKey.prototype, "type");
  algorithmOf = getterOf(CryptoKey.prototype, "algorithm");
  usagesOf = getterOf(CryptoKey.prototype, "usages");
  const { exportNodeMaterial } = CryptoKey;
  materialOf = (key) => unobserved(() => FunctionPrototypeCall(exportNodeMaterial, CryptoKey, key).data);
  base.exportKey = SubtleCryptoPrototype.exportKey;
  for (const name in USAGES_AT) {
    replaceMethod(name, withUsages);
  }
  replaceMethod("deriveKey", withSecretThatStays);
  replaceMethod("deriveBits", withBoundedBits);
  replaceMethod("generateKey", withBoundedKey);
  replaceMethod("importKey", withSoundImport);
  replaceMethod("unwrapKey", withSoundUnwrap);
  replaceMethod("wrapKey", withOwnWrapping);
  replaceMethod("encrypt", withOwnCiphers);
  replaceMethod("decrypt", withOwnCiphers);
  replaceMethod("digest", withMd5);
}

/** Keeps setters and getters of worker code out: deno_crypto puts the bytes of a key on a plain object. */
function unobserved(run) {
  // Not an array: setters on Array.prototype would be called.
  const taken = { __proto__: null };
  try {
    for (let i = 0; i < MATERIAL_MEMBERS.length; i++) {
      const name = MATERIAL_MEMBERS[i];
      const descriptor = ObjectGetOwnPropertyDescriptor(ObjectPrototype, name);
      if (descriptor !== undefined) {
        if (!ReflectDeleteProperty(ObjectPrototype, name)) {
          throw new DOMException(`Object.prototype.${name} is in the way of keys`, "OperationError");
        }
        taken[name] = ObjectSetPrototypeOf(descriptor, null);
      }
    }
    return run();
  } finally {
    for (const name in taken) {
      ObjectDefineProperty(ObjectPrototype, name, taken[name]);
    }
  }
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
      args[at] = normalizedUsages(name, args[at]);
    }
    return await FunctionPrototypeApply(inner, this, args);
  },
}.method);

function normalizedUsages(name, value) {
  const usages = convertUsages(value, `Failed to execute '${name}' on 'SubtleCrypto'`, `Argument ${USAGES_AT[name] + 1}`);
  const normalized = [];
  for (let i = 0; i < KEY_USAGES.length; i++) {
    if (ArrayPrototypeIncludes(usages, KEY_USAGES[i])) {
      ArrayPrototypePush(normalized, KEY_USAGES[i]);
    }
  }
  return new SafeArrayIterator(normalized);
}

const withSecretThatStays = (inner) => ({
  async method(algorithm, baseKey, derivedKeyType, extractable, _usages) {
    if (arguments.length >= 5) {
      const name = nameOf(derivedKeyType);
      checkSecretStays(name, extractable);
      arguments[0] = boundedDerivation(algorithm, 0);
      arguments[2] = { __proto__: null, name, hash: derivedKeyType.hash, length: derivedKeyType.length };
    }
    return await FunctionPrototypeApply(inner, this, arguments);
  },
}.method);

const withBoundedBits = (inner) => ({
  async method(algorithm, baseKey, length = null) {
    if (arguments.length >= 2) {
      length = length === null ? null : webidl.converters["unsigned long"](length);
      return await FunctionPrototypeCall(inner, this, boundedDerivation(algorithm, length ?? 0), baseKey, length);
    }
    return await FunctionPrototypeApply(inner, this, arguments);
  },
}.method);

const withBoundedKey = (inner) => ({
  async method(algorithm, extractable, usages) {
    if (arguments.length >= 3) {
      return await FunctionPrototypeCall(inner, this, boundedGeneration(algorithm), extractable, usages);
    }
    return await FunctionPrototypeApply(inner, this, arguments);
  },
}.method);

const withSoundImport = (inner) => ({
  async method(format, keyData, algorithm, extractable, usages) {
    if (arguments.length < 5) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    return importedKey(this, format, keyData, algorithm, extractable, normalizedUsages("importKey", usages));
  },
}.method);

function importedKey(subtle, format, data, algorithm, extractable, usages) {
  const key = FunctionPrototypeCall(native.importKey, subtle, format, data, algorithm, extractable, usages);
  const isJwk = !ArrayBufferIsView(data) && !core.isAnyArrayBuffer(data);
  checkSound(subtle, key, extractable, isJwk ? data : null);
  return key;
}

function checkSound(subtle, key, extractable, jwk) {
  const algorithm = algorithmOf(key);
  checkCost(algorithm);
  checkSecretStays(nameOf(algorithm), extractable);
  checkEllipticKey(subtle, key, jwk);
}

/** @param {string} name of the key's algorithm, in lower case */
function checkSecretStays(name, extractable) {
  if (extractable && KEY_DERIVATIONS.has(name)) {
    throw new DOMException("A key to derive others from cannot be extractable", "SyntaxError");
  }
}

/** deno_crypto decodes the point or scalar of a key only when it is used: this uses it. */
function checkEllipticKey(subtle, key, jwk) {
  const algorithm = algorithmOf(key);
  if (algorithm.name !== "ECDSA" && algorithm.name !== "ECDH") {
    return;
  }
  const isPrivate = typeOf(key) === "private";
  let fits;
  try {
    const noUsages = () => new SafeArrayIterator([]);
    const point = materialOf(isPrivate ? FunctionPrototypeCall(native.getPublicKey, subtle, key, noUsages()) : key);
    fits = jwk === null || jwk.crv === algorithm.namedCurve;
    if (fits && jwk !== null && isPrivate) {
      const open = { __proto__: null, kty: "EC", crv: jwk.crv, x: jwk.x, y: jwk.y };
      const given = materialOf(FunctionPrototypeCall(native.importKey, subtle, "jwk", open, algorithm, true, noUsages()));
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
    if (arguments.length < 7) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    usages = normalizedUsages("unwrapKey", usages);
    format = webidl.converters.DOMString(format);
    const { name, params, decrypt } = cipherOf(unwrapAlgorithm);
    if (decrypt === null && format !== "jwk") {
      const { unwrapKey } = native;
      const key = FunctionPrototypeCall(unwrapKey, this, format, wrappedKey, unwrappingKey, params, unwrappedKeyAlgorithm, extractable, usages);
      checkSound(this, key, extractable, null);
      return key;
    }
    let bytes;
    if (decrypt === null) {
      bytes = unwrappedBytes(this, wrappedKey, unwrappingKey, params);
    } else {
      requireUsage(this, unwrappingKey, name, "unwrapKey");
      bytes = decrypt(materialOf(unwrappingKey), webidl.converters.BufferSource(wrappedKey));
    }
    const data = format === "jwk" ? parsedJwk(bytes) : bytes;
    return importedKey(this, format, data, unwrappedKeyAlgorithm, extractable, usages);
  },
}.method);

/** What is wrapped, by way of a key that can be made of any bytes: deno_crypto would read JSON with what it inherits. */
function unwrappedBytes(subtle, wrappedKey, unwrappingKey, params) {
  const algorithm = { __proto__: null, name: "HMAC", hash: "SHA-256" };
  const usages = new SafeArrayIterator(["sign"]);
  return materialOf(FunctionPrototypeCall(native.unwrapKey, subtle, "raw", wrappedKey, unwrappingKey, params, algorithm, true, usages));
}

const withMd5 = (inner) => ({
  async method(algorithm, data) {
    if (arguments.length < 2) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    const name = nameOf(algorithm);
    if (name !== "md5") {
      return await FunctionPrototypeCall(inner, this, paramsOf(algorithm, name, DIGEST_MEMBERS), data);
    }
    webidl.assertBranded(this, SubtleCryptoPrototype);
    const bytes = viewOf(data, "The data to digest");
    const hasher = op_digest_new("MD5");
    op_digest_update(hasher, bytes);
    return TypedArrayPrototypeGetBuffer(op_digest_finish(hasher));
  },
}.method);

function requireUsage(subtle, key, name, usage) {
  webidl.assertBranded(subtle, SubtleCryptoPrototype);
  if (nameOf(algorithmOf(key)) !== name || !ArrayPrototypeIncludes(usagesOf(key), usage)) {
    throw new DOMException("The key is not for this algorithm and operation", "InvalidAccessError");
  }
}

const withOwnCiphers = (inner, usage) => ({
  async method(algorithm, key, data) {
    if (arguments.length < 3) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    const { name, params, [usage]: apply } = cipherOf(algorithm);
    if (apply === null) {
      return await FunctionPrototypeCall(inner, this, params, key, data);
    }
    requireUsage(this, key, name, usage);
    return apply(materialOf(key), webidl.converters.BufferSource(data));
  },
}.method);

const withOwnWrapping = (inner) => ({
  async method(format, key, wrappingKey, wrapAlgorithm) {
    if (arguments.length < 4) {
      return await FunctionPrototypeApply(inner, this, arguments);
    }
    const { name, params, encrypt } = cipherOf(wrapAlgorithm);
    if (encrypt === null) {
      return await FunctionPrototypeCall(inner, this, format, key, wrappingKey, params);
    }
    requireUsage(this, wrappingKey, name, "wrapKey");
    // Worker code may see what comes of this: the key is extractable.
    const data = await FunctionPrototypeCall(base.exportKey, this, format, key);
    const bytes = core.isArrayBuffer(data) ? data : core.encode(JSONStringify(data));
    return encrypt(materialOf(wrappingKey), bytes);
  },
}.method);

/** Without a prototype: worker code could look at the key from there. */
function parsedJwk(bytes) {
  try {
    return ObjectSetPrototypeOf(JSONParse(core.decode(new Uint8Array(bytes))), null);
  } catch {
    throw new DOMException("The wrapped key is no JSON", "DataError");
  }
}

for (let i = 0; i < SYNCHRONOUS.length; i++) {
  native[SYNCHRONOUS[i]] = core.ops.SubtleCrypto.prototype[SYNCHRONOUS[i]];
}
/** deno_crypto, with methods of SubtleCrypto replaced. Its `crypto` makes native objects: it is for a restored isolate alone. */
const denoCrypto = core.loadExtScript("ext:deno_crypto/00_crypto.js");
const { Crypto, CryptoKey, SubtleCrypto } = denoCrypto;
mendCrypto();

export { Crypto, CryptoKey, restoreCrypto, SubtleCrypto };
