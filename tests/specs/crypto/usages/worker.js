import { checks, equal, throws } from "../../check.js";

const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };

export default checks({
  "another usage or algorithm is an InvalidAccessError": async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
    await throws(() => crypto.subtle.decrypt(gcm, key, new Uint8Array(20)), "InvalidAccessError");
    await throws(() => crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, key, new Uint8Array(1)), "InvalidAccessError");
    equal((await crypto.subtle.encrypt(gcm, key, new Uint8Array(4))).byteLength, 20);
  },
  "no usage, or one that does not fit, is a SyntaxError": async () => {
    await throws(() => crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, []), "SyntaxError");
    await throws(() => crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["encrypt"]), "SyntaxError");
    await throws(() => crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["sign"]), "SyntaxError");
  },
});
