import { checks, equal, throws } from "../../check.js";

const offCurve = new Uint8Array(65).fill(4);
const coordinate = "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ";
const load = (format, data, name, usages) => crypto.subtle.importKey(format, data, { name, namedCurve: "P-256" }, false, usages);

/** A copy of the bytes with the last one changed. */
function changed(buffer) {
  const bytes = new Uint8Array(buffer.slice(0));
  bytes[bytes.length - 1] ^= 1;
  return bytes;
}

export default checks({
  "raw": async () => {
    await throws(() => load("raw", offCurve, "ECDSA", ["verify"]), "DataError");
    await throws(() => load("raw", offCurve, "ECDH", []), "DataError");
  },
  "as a JWK": async () => {
    const jwk = { kty: "EC", crv: "P-256", x: coordinate, y: coordinate };
    await throws(() => load("jwk", jwk, "ECDH", []), "DataError");
  },
  "as SPKI": async () => {
    const head = [0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3, 0x42, 0];
    await throws(() => load("spki", new Uint8Array([...head, ...offCurve]), "ECDH", []), "DataError");
  },
  "on every curve, in every format": async () => {
    for (const namedCurve of ["P-256", "P-384", "P-521"]) {
      const algorithm = { name: "ECDSA", namedCurve };
      const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      for (const [format, key, usages] of [["raw", publicKey, ["verify"]], ["spki", publicKey, ["verify"]], ["pkcs8", privateKey, ["sign"]]]) {
        const data = await crypto.subtle.exportKey(format, key);
        equal((await crypto.subtle.importKey(format, data, algorithm, false, usages)).type, key.type);
        await throws(() => crypto.subtle.importKey(format, changed(data), algorithm, false, usages), "DataError");
      }
      const jwk = await crypto.subtle.exportKey("jwk", privateKey);
      equal((await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"])).type, "private");
      for (const wrong of [{ ...jwk, x: jwk.y }, { ...jwk, d: jwk.x }, { ...jwk, crv: "P-111" }]) {
        await throws(() => crypto.subtle.importKey("jwk", wrong, algorithm, false, ["sign"]), "DataError");
      }
    }
  },
  "unwrapped": async () => {
    const wrapping = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt", "unwrapKey"]);
    const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
    const wrapped = await crypto.subtle.encrypt(gcm, wrapping, offCurve);
    const algorithm = { name: "ECDH", namedCurve: "P-256" };
    await throws(() => crypto.subtle.unwrapKey("raw", wrapped, wrapping, gcm, algorithm, true, []), "DataError");
  },
});
