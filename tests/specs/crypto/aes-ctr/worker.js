import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const key = () => crypto.subtle.importKey("raw", bytes("2b7e151628aed2a6abf7158809cf4f3c"), "AES-CTR", false, ["encrypt", "decrypt"]);
const plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
const sealed = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff";

export default checks({
  "two blocks of NIST SP 800-38A, F.5.1": async () => {
    const algorithm = { name: "AES-CTR", counter: bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), length: 64 };
    equal(hex(await crypto.subtle.encrypt(algorithm, await key(), bytes(plain))), sealed);
    equal(hex(await crypto.subtle.decrypt(algorithm, await key(), bytes(sealed))), plain);
  },
  "any number of bytes, without padding": async () => {
    const algorithm = { name: "AES-CTR", counter: bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), length: 64 };
    equal(hex(await crypto.subtle.encrypt(algorithm, await key(), bytes(plain).slice(0, 5))), sealed.slice(0, 10));
  },
});
