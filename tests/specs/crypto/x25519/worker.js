import { checks, equal } from "../../check.js";

const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// RFC 7748, 6.1.
const secret = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
const theirs = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
const mine = (usages) => crypto.subtle.importKey("pkcs8", bytes(`302e020100300506032b656e04220420${secret}`), "X25519", false, usages);
const point = (text) => crypto.subtle.importKey("raw", bytes(text), "X25519", true, []);

export default checks({
  "a known answer": async () => {
    equal(hex(await crypto.subtle.deriveBits({ name: "X25519", public: await point(theirs) }, await mine(["deriveBits"]), 256)), shared);
  },
  "a key of the secret": async () => {
    const aes = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.deriveKey({ name: "X25519", public: await point(theirs) }, await mine(["deriveKey"]), aes, true, ["encrypt"]);
    equal(hex(await crypto.subtle.exportKey("raw", key)), shared);
  },
  "both sides agree": async () => {
    const make = () => crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    const [a, b] = [await make(), await make()];
    const one = await crypto.subtle.deriveBits({ name: "X25519", public: b.publicKey }, a.privateKey, 256);
    equal(hex(one), hex(await crypto.subtle.deriveBits({ name: "X25519", public: a.publicKey }, b.privateKey, 256)));
    equal(new Uint8Array(one).some(Boolean), true);
  },
  "public keys go out raw and as a JWK": async () => {
    const key = await point(theirs);
    equal(hex(await crypto.subtle.exportKey("raw", key)), theirs);
    const jwk = await crypto.subtle.exportKey("jwk", key);
    equal([jwk.kty, jwk.crv, jwk.x], ["OKP", "X25519", "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"]);
  },
});
