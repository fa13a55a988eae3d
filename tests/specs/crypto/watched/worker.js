import { checks, equal } from "../../check.js";
import { watch, watched } from "./watch.js";

const { subtle } = crypto;
const bytes = (length, value = 0x55) => new Uint8Array(length).fill(value);
const usages = { "AES-KW": ["wrapKey", "unwrapKey"] };
const aes = (name, extractable = false) =>
  subtle.importKey("raw", bytes(16), name, extractable, usages[name] ?? ["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
const ctr = (length) => ({ name: "AES-CTR", counter: bytes(16, 0xff), length });
const gcm = (ivLength, tagLength) => ({ name: "AES-GCM", iv: bytes(ivLength, 1), tagLength });
const cbc = { name: "AES-CBC", iv: bytes(16, 1) };
const ciphers = [ctr(128), ctr(64), ctr(9), ctr(127), gcm(12, 128), gcm(12, 96), gcm(12, 32), gcm(16, 128), gcm(1, 104), cbc];
const show = (algorithm) => `${algorithm.name} ${algorithm.length ?? ""} ${algorithm.iv?.length ?? ""} ${algorithm.tagLength ?? ""}`;

watch();

/** Runs one method, of which nothing may be seen but its result. */
async function silent(label, name, ...args) {
  const { result, leaks } = await watched(name, args);
  equal(leaks, [], `${label}: ${name}`);
  return result;
}

export default checks({
  "importKey": async () => {
    for (const name of ["AES-CTR", "AES-GCM", "AES-KW", "HKDF", "PBKDF2"]) {
      const kinds = { HKDF: ["deriveBits"], PBKDF2: ["deriveKey"] };
      await silent(name, "importKey", "raw", bytes(16), name, false, kinds[name] ?? ["wrapKey"]);
    }
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const pkcs8 = await subtle.exportKey("pkcs8", pair.privateKey);
    const jwk = await subtle.exportKey("jwk", pair.privateKey);
    const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
    equal((await silent("ECDSA", "importKey", "pkcs8", pkcs8, ecdsa, false, ["sign"])).extractable, false);
    equal((await silent("ECDSA", "importKey", "jwk", jwk, ecdsa, false, ["sign"])).extractable, false);
  },
  "generateKey": async () => {
    await silent("AES", "generateKey", { name: "AES-CTR", length: 256 }, false, ["encrypt"]);
    await silent("HMAC", "generateKey", { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    await silent("ECDH", "generateKey", { name: "ECDH", namedCurve: "P-384" }, false, ["deriveKey"]);
    await silent("Ed25519", "generateKey", "Ed25519", false, ["sign", "verify"]);
  },
  "deriveKey and deriveBits": async () => {
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: bytes(4), info: bytes(4) };
    const base = await subtle.importKey("raw", bytes(16), "HKDF", false, ["deriveKey", "deriveBits"]);
    equal((await silent("HKDF", "deriveBits", hkdf, base, 128)).byteLength, 16);
    await silent("HKDF", "deriveKey", hkdf, base, { name: "AES-GCM", length: 128 }, false, ["encrypt"]);
    await silent("HKDF", "deriveKey", hkdf, base, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const { privateKey, publicKey } = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveKey", "deriveBits"]);
    await silent("ECDH", "deriveKey", { name: "ECDH", public: publicKey }, privateKey, { name: "AES-KW", length: 256 }, false, ["wrapKey"]);
  },
  "encrypt and decrypt": async () => {
    for (const algorithm of ciphers) {
      const key = await aes(algorithm.name);
      const sealed = await silent(show(algorithm), "encrypt", algorithm, key, bytes(20, 7));
      equal(new Uint8Array(await silent(show(algorithm), "decrypt", algorithm, key, sealed)), bytes(20, 7));
    }
  },
  "unwrapKey": async () => {
    const rsa = { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const pair = await subtle.generateKey(rsa, false, ["wrapKey", "unwrapKey"]);
    const inner = await aes("AES-GCM", true);
    for (const algorithm of [...ciphers, { name: "AES-KW" }, { name: "RSA-OAEP" }]) {
      const isPair = algorithm.name === "RSA-OAEP";
      const wrapping = isPair ? pair.publicKey : await aes(algorithm.name);
      for (const format of ["raw", "jwk"]) {
        const wrapped = await subtle.wrapKey(format, inner, wrapping, algorithm);
        const label = `${show(algorithm)} ${format}`;
        const args = [format, wrapped, isPair ? pair.privateKey : wrapping, algorithm, "AES-GCM", false, ["encrypt"]];
        equal((await silent(label, "unwrapKey", ...args)).extractable, false);
      }
    }
  },
  "wrapKey shows no more than the extractable key that it wraps": async () => {
    const inner = await subtle.importKey("raw", bytes(24, 9), "AES-GCM", true, ["encrypt"]);
    for (const algorithm of [...ciphers, { name: "AES-KW" }]) {
      for (const format of ["raw", "jwk"]) {
        const wrapping = await aes(algorithm.name);
        const { leaks } = await watched("wrapKey", [format, inner, wrapping, algorithm]);
        equal(leaks.filter((leak) => leak !== "24 bytes" && leak !== "a JSON key"), [], `${show(algorithm)} ${format}`);
      }
    }
  },
});
