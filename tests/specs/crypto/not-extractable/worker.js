import { checks, equal, throws } from "../../check.js";

export default checks({
  "exportKey() refuses": async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
    equal(key.extractable, false);
    for (const format of ["raw", "jwk"]) await throws(() => crypto.subtle.exportKey(format, key), "InvalidAccessError");
  },
  "of a pair only the private key stays": async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await throws(() => crypto.subtle.exportKey("pkcs8", pair.privateKey), "InvalidAccessError");
    equal(pair.publicKey.extractable, true);
    equal((await crypto.subtle.exportKey("raw", pair.publicKey)).byteLength, 65);
  },
  "nor does its class": () => {
    equal(Object.getOwnPropertyNames(CryptoKey).sort(), ["length", "name", "prototype"]);
  },
  "nothing of it shows on the object": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(16).fill(0x55), "AES-GCM", false, ["encrypt"]);
    equal(/85|55,|VVVV/.test(JSON.stringify(key) + JSON.stringify(Reflect.ownKeys(key).map((name) => key[name]))), false);
    await throws(() => { "use strict"; key.extractable = true; }, "TypeError");
    await throws(() => crypto.subtle.exportKey("raw", key), "InvalidAccessError");
  },
});
