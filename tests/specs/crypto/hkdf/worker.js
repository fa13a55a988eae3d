import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const source = (usages) => crypto.subtle.importKey("raw", new Uint8Array(22).fill(0x0b), "HKDF", false, usages);
const algorithm = { name: "HKDF", hash: "SHA-256", salt: bytes("000102030405060708090a0b0c"), info: bytes("f0f1f2f3f4f5f6f7f8f9") };
const known = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";

export default checks({
  "test case 1 of RFC 5869": async () => {
    equal(hex(await crypto.subtle.deriveBits(algorithm, await source(["deriveBits"]), 42 * 8)), known);
  },
  "a key": async () => {
    const key = await crypto.subtle.deriveKey(algorithm, await source(["deriveKey"]), { name: "AES-CBC", length: 128 }, true, ["encrypt"]);
    equal(key.algorithm, { name: "AES-CBC", length: 128 });
    equal(hex(await crypto.subtle.exportKey("raw", key)), known.slice(0, 32));
  },
});
