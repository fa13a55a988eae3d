import { checks, equal, throws } from "../../check.js";

const load = (algorithm, extractable) => crypto.subtle.importKey("raw", new Uint8Array(8), algorithm, extractable, ["deriveBits"]);

export default checks({
  "HKDF": async () => {
    await throws(() => load("HKDF", true), "SyntaxError");
    equal((await load("HKDF", false)).extractable, false);
  },
  "HKDF of a shared secret": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveKey"]);
    const derive = (extractable) => crypto.subtle.deriveKey({ name: "ECDH", public: publicKey }, privateKey, "HKDF", extractable, ["deriveBits"]);
    await throws(() => derive(true), "SyntaxError");
    equal((await derive(false)).extractable, false);
  },
  "PBKDF2": async () => {
    await throws(() => load("PBKDF2", true), "SyntaxError");
    equal((await load("PBKDF2", false)).extractable, false);
  },
});
