import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const iv = bytes("000102030405060708090a0b0c0d0e0f");
const key = () => crypto.subtle.importKey("raw", bytes("2b7e151628aed2a6abf7158809cf4f3c"), "AES-CBC", false, ["encrypt", "decrypt"]);

export default checks({
  "the first block of NIST SP 800-38A, F.2.1, and a block of padding": async () => {
    const plain = "6bc1bee22e409f96e93d7e117393172a";
    const sealed = await crypto.subtle.encrypt({ name: "AES-CBC", iv }, await key(), bytes(plain));
    equal(sealed.byteLength, 32);
    equal(hex(sealed).slice(0, 32), "7649abac8119b246cee98e9b12e9197d");
    equal(hex(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, await key(), sealed)), plain);
  },
  "every length is filled up to the next block": async () => {
    for (const [length, padded] of [[0, 16], [1, 16], [15, 16], [17, 32]]) {
      const plain = new Uint8Array(length).fill(7);
      const sealed = await crypto.subtle.encrypt({ name: "AES-CBC", iv }, await key(), plain);
      equal(sealed.byteLength, padded);
      equal(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, await key(), sealed)), plain);
    }
  },
});
