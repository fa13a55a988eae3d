import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const secret = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
const open = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
const signature =
  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
const message = bytes("af82");

export default checks({
  "the third vector of RFC 8032, 7.1": async () => {
    const pkcs8 = bytes(`302e020100300506032b657004220420${secret}`);
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
    equal(key.algorithm, { name: "Ed25519" });
    equal(hex(await crypto.subtle.sign("Ed25519", key, message)), signature);
  },
  "verified with the public key": async () => {
    const key = await crypto.subtle.importKey("raw", bytes(open), { name: "Ed25519" }, true, ["verify"]);
    equal(await crypto.subtle.verify("Ed25519", key, bytes(signature), message), true);
    equal(await crypto.subtle.verify("Ed25519", key, bytes(signature), new Uint8Array(2)), false);
    equal(await crypto.subtle.verify("Ed25519", key, new Uint8Array(64), message), false);
  },
  "as a JWK": async () => {
    const key = await crypto.subtle.importKey("raw", bytes(open), "Ed25519", true, ["verify"]);
    const jwk = await crypto.subtle.exportKey("jwk", key);
    equal([jwk.kty, jwk.crv, jwk.x, jwk.d], ["OKP", "Ed25519", "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU", undefined]);
  },
  "one's own": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    const own = await crypto.subtle.sign("Ed25519", privateKey, message);
    equal(own.byteLength, 64);
    equal(await crypto.subtle.verify("Ed25519", publicKey, own, message), true);
    equal(await crypto.subtle.verify("Ed25519", publicKey, own, message.slice(1)), false);
  },
});
