import { checks, equal, throws } from "../../check.js";

const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
const outer = (usages) => crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", false, usages);
const hmac = { name: "HMAC", hash: "SHA-256" };

export default checks({
  "raw, which is the same as encrypting the bytes": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array([1, 2, 3]), hmac, true, ["sign"]);
    const wrapping = await outer(["wrapKey", "unwrapKey", "encrypt"]);
    const wrapped = await crypto.subtle.wrapKey("raw", key, wrapping, gcm);
    equal(wrapped, await crypto.subtle.encrypt(gcm, wrapping, new Uint8Array([1, 2, 3])));
    const again = await crypto.subtle.unwrapKey("raw", wrapped, wrapping, gcm, hmac, true, ["sign"]);
    equal(new Uint8Array(await crypto.subtle.exportKey("raw", again)), new Uint8Array([1, 2, 3]));
  },
  "as JSON": async () => {
    const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const wrapping = await outer(["wrapKey", "unwrapKey", "decrypt"]);
    const wrapped = await crypto.subtle.wrapKey("jwk", privateKey, wrapping, gcm);
    equal(JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(gcm, wrapping, wrapped))).kty, "EC");
    const again = await crypto.subtle.unwrapKey("jwk", wrapped, wrapping, gcm, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    equal([again.type, again.extractable], ["private", false]);
  },
  "a key that may not leave is not wrapped": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(3), hmac, false, ["sign"]);
    await throws(async () => crypto.subtle.wrapKey("raw", key, await outer(["wrapKey"]), gcm), "InvalidAccessError");
  },
  "and only a key for wrapping wraps": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(3), hmac, true, ["sign"]);
    await throws(async () => crypto.subtle.wrapKey("raw", key, await outer(["encrypt"]), gcm), "InvalidAccessError");
  },
});
