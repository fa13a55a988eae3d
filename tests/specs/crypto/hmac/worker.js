import { checks, equal, throws } from "../../check.js";

const text = (value) => new TextEncoder().encode(value);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const key = (hash, usages = ["sign", "verify"]) => crypto.subtle.importKey("raw", text("Jefe"), { name: "HMAC", hash }, true, usages);

export default checks({
  "test case 2 of RFC 4231": async () => {
    const data = text("what do ya want for nothing?");
    equal(hex(await crypto.subtle.sign("HMAC", await key("SHA-256"), data)), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    equal(
      hex(await crypto.subtle.sign("HMAC", await key("SHA-384"), data)),
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    );
  },
  "a signature fits one text and one key": async () => {
    const mine = await key("SHA-256");
    const signature = await crypto.subtle.sign("HMAC", mine, text("a"));
    equal(await crypto.subtle.verify("HMAC", mine, signature, text("a")), true);
    equal(await crypto.subtle.verify("HMAC", mine, signature, text("b")), false);
    equal(await crypto.subtle.verify("HMAC", mine, signature.slice(1), text("a")), false);
    const other = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    equal(await crypto.subtle.verify("HMAC", other, signature, text("a")), false);
  },
  "a key does only what it was made for": async () => {
    const mine = await key("SHA-256", ["verify"]);
    await throws(() => crypto.subtle.sign("HMAC", mine, text("a")), "InvalidAccessError");
  },
  "generated keys are as long as the hash's block": async () => {
    const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-512" }, true, ["sign"]);
    equal(made.algorithm, { name: "HMAC", hash: { name: "SHA-512" }, length: 1024 });
    equal((await crypto.subtle.exportKey("raw", made)).byteLength, 128);
  },
});
