import { checks, throws } from "../../check.js";

const offCurve = new Uint8Array(65).fill(4);
const coordinate = "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ";
const load = (format, data, name, usages) => crypto.subtle.importKey(format, data, { name, namedCurve: "P-256" }, false, usages);

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
});
