import { checks, equal, throws } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const url = (text) => btoa(String.fromCharCode(...bytes(text))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const p256 = { name: "ECDH", namedCurve: "P-256" };

export default checks({
  "the vector of RFC 5903, 8.1": async () => {
    const jwk = {
      kty: "EC",
      crv: "P-256",
      d: url("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
      x: url("dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"),
      y: url("5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"),
    };
    const mine = await crypto.subtle.importKey("jwk", jwk, p256, false, ["deriveBits"]);
    const point = bytes(
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
    );
    const theirs = await crypto.subtle.importKey("raw", point, p256, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
    equal(hex(shared), "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    equal(hex(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 64)), "d6840f6b42f6edaf");
  },
  "both sides agree, on P-384 too": async () => {
    for (const [namedCurve, length] of [["P-256", 256], ["P-384", 384]]) {
      const make = () => crypto.subtle.generateKey({ name: "ECDH", namedCurve }, false, ["deriveBits"]);
      const [a, b] = [await make(), await make()];
      const one = await crypto.subtle.deriveBits({ name: "ECDH", public: b.publicKey }, a.privateKey, length);
      const two = await crypto.subtle.deriveBits({ name: "ECDH", public: a.publicKey }, b.privateKey, length);
      equal(one.byteLength, length / 8);
      equal(hex(one), hex(two));
    }
  },
  "a key can be made of the secret": async () => {
    const make = () => crypto.subtle.generateKey(p256, false, ["deriveKey"]);
    const [a, b] = [await make(), await make()];
    const derive = (mine, theirs) =>
      crypto.subtle.deriveKey({ name: "ECDH", public: theirs.publicKey }, mine.privateKey, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
    const sealed = await crypto.subtle.encrypt(gcm, await derive(a, b), new Uint8Array([5]));
    equal(new Uint8Array(await crypto.subtle.decrypt(gcm, await derive(b, a), sealed)), new Uint8Array([5]));
  },
  "keys of two curves do not go together": async () => {
    const a = await crypto.subtle.generateKey(p256, false, ["deriveBits"]);
    const b = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-384" }, false, ["deriveBits"]);
    await throws(() => crypto.subtle.deriveBits({ name: "ECDH", public: b.publicKey }, a.privateKey, 256), "InvalidAccessError");
  },
});
