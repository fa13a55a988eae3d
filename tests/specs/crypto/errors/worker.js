import { checks, equal, throws } from "../../check.js";

async function fails(run, name) {
  const error = await throws(run, name);
  equal(error instanceof DOMException, true);
}

export default checks({
  "padding that is wrong": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-CBC", false, ["decrypt"]);
    const cbc = { name: "AES-CBC", iv: new Uint8Array(16) };
    await fails(() => crypto.subtle.decrypt(cbc, key, new Uint8Array(17)), "OperationError");
    await fails(() => crypto.subtle.decrypt(cbc, key, new Uint8Array(0)), "OperationError");
  },
  "a wrapped key that was changed": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-KW", false, ["unwrapKey"]);
    await fails(() => crypto.subtle.unwrapKey("raw", new Uint8Array(24), key, "AES-KW", "AES-CBC", false, ["encrypt"]), "OperationError");
  },
  "keys that are none": async () => {
    await fails(() => crypto.subtle.importKey("raw", new Uint8Array(15), "AES-CBC", false, ["encrypt"]), "DataError");
    const p256 = { name: "ECDSA", namedCurve: "P-256" };
    await fails(() => crypto.subtle.importKey("spki", new Uint8Array(20), p256, false, ["verify"]), "DataError");
    await fails(() => crypto.subtle.importKey("pkcs8", new Uint8Array(20), p256, false, ["sign"]), "DataError");
  },
  "lengths that do not exist": async () => {
    await fails(() => crypto.subtle.generateKey({ name: "AES-GCM", length: 100 }, false, ["encrypt"]), "OperationError");
    const hkdf = await crypto.subtle.importKey("raw", new Uint8Array(8), "HKDF", false, ["deriveBits"]);
    const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: new Uint8Array(0) };
    await fails(() => crypto.subtle.deriveBits(algorithm, hkdf, 255 * 32 * 8 + 8), "OperationError");
    await fails(() => crypto.subtle.deriveBits(algorithm, hkdf, 7), "OperationError");
  },
  "algorithms that are not known": async () => {
    await fails(() => crypto.subtle.generateKey("ROT13", false, ["encrypt"]), "NotSupportedError");
    await fails(() => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-111" }, false, ["sign"]), "NotSupportedError");
  },
});
