// What keys may cost to make and to use. A native operation cannot be stopped while it runs, so what decides how long it takes, or
// how much memory, is bounded before it begins.

import { core, primordials } from "ext:core/mod.js";
import { nameOf, paramsOf } from "ext:skerry/aes.js";

const {
  MathCeil,
  MathMax,
  StringPrototypeStartsWith,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;

const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

const PBKDF2_ITERATIONS_MAX = 1_000_000;
const RSA_MADE_BITS_MAX = 4096;
const RSA_TAKEN_BITS_MAX = 8192;
/** Bits that come of one iteration at least, whatever the hash. */
const HASH_BITS = 160;

const DERIVATION_MEMBERS = ["hash", "info", "iterations", "public", "salt"];
const GENERATION_MEMBERS = ["hash", "length", "modulusLength", "namedCurve", "publicExponent"];

function refuse(message) {
  throw new DOMException(message, "NotSupportedError");
}

const enforceRange = { __proto__: null, enforceRange: true };

/**
 * @param {unknown} algorithm of deriveBits() or deriveKey()
 * @param {unknown} bits that are asked for
 * @returns an algorithm for deno_crypto
 */
function boundedDerivation(algorithm, bits) {
  const name = nameOf(algorithm);
  checkKind(name);
  const params = paramsOf(algorithm, name, DERIVATION_MEMBERS);
  if (name === "pbkdf2" && params.iterations !== undefined) {
    const iterations = webidl.converters["unsigned long"](params.iterations, "PBKDF2", "iterations", enforceRange);
    params.iterations = iterations;
    if (iterations * MathMax(1, MathCeil(bits / HASH_BITS)) > PBKDF2_ITERATIONS_MAX) {
      refuse(`PBKDF2 makes at most ${PBKDF2_ITERATIONS_MAX} iterations here, for each ${HASH_BITS} bits that are asked for`);
    }
  }
  return params;
}

/** @param {unknown} algorithm of generateKey() */
function boundedGeneration(algorithm) {
  const name = nameOf(algorithm);
  checkKind(name);
  const params = paramsOf(algorithm, name, GENERATION_MEMBERS);
  if (StringPrototypeStartsWith(name, "rsa") && params.modulusLength !== undefined) {
    params.modulusLength = webidl.converters["unsigned long"](params.modulusLength, "RSA", "modulusLength", enforceRange);
    if (params.modulusLength > RSA_MADE_BITS_MAX) {
      refuse(`RSA keys that are generated have at most ${RSA_MADE_BITS_MAX} bits here`);
    }
    checkExponent(params.publicExponent);
  }
  return params;
}

/** Others take long to find primes for, or forever. */
function checkExponent(exponent) {
  if (TypedArrayPrototypeGetSymbolToStringTag(exponent) !== "Uint8Array") {
    return;
  }
  let value = 0;
  for (let i = 0; i < TypedArrayPrototypeGetByteLength(exponent) && value <= 65537; i++) {
    value = value * 256 + exponent[i];
  }
  if (value !== 3 && value !== 65537) {
    refuse("The public exponent of an RSA key must be 3 or 65537");
  }
}

/** Of a key that is imported. */
function checkCost(algorithm) {
  checkKind(nameOf(algorithm));
  if (algorithm.modulusLength > RSA_TAKEN_BITS_MAX) {
    refuse(`RSA keys have at most ${RSA_TAKEN_BITS_MAX} bits here`);
  }
}

/** Its memory is the caller's choice, up to more than there is. */
function checkKind(name) {
  if (StringPrototypeStartsWith(name, "argon2")) {
    refuse("Argon2 is not there: use PBKDF2 or HKDF");
  }
}

export { boundedDerivation, boundedGeneration, checkCost };
