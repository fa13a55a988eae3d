import { checks, equal, throws } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const outer = () => crypto.subtle.importKey("raw", bytes("000102030405060708090a0b0c0d0e0f"), "AES-KW", false, ["wrapKey", "unwrapKey"]);
const inner = "00112233445566778899aabbccddeeff";
const wrapped = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5";

export default checks({
  "the vector of RFC 3394, 4.1": async () => {
    const key = await crypto.subtle.importKey("raw", bytes(inner), "AES-CBC", true, ["encrypt"]);
    equal(hex(await crypto.subtle.wrapKey("raw", key, await outer(), "AES-KW")), wrapped);
  },
  "and back": async () => {
    const key = await crypto.subtle.unwrapKey("raw", bytes(wrapped), await outer(), "AES-KW", "AES-GCM", true, ["decrypt"]);
    equal([key.algorithm, key.usages], [{ name: "AES-GCM", length: 128 }, ["decrypt"]]);
    equal(hex(await crypto.subtle.exportKey("raw", key)), inner);
    equal(hex(await crypto.subtle.wrapKey("raw", key, await outer(), "AES-KW")), wrapped);
  },
  "it is for keys, not for data": async () => {
    const error = await throws(async () => crypto.subtle.encrypt("AES-KW", await outer(), new Uint8Array(16)));
    equal(error instanceof DOMException, true);
    await throws(() => crypto.subtle.importKey("raw", bytes(inner), "AES-KW", false, ["encrypt"]), "SyntaxError");
  },
});
