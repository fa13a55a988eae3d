import { checks, equal, throws } from "../../check.js";

export default checks({
  "it is one object of its class": () => {
    equal(crypto instanceof Crypto, true);
    equal(crypto.subtle instanceof SubtleCrypto, true);
    equal(crypto.subtle === crypto.subtle, true);
  },
  "its classes cannot be constructed": async () => {
    for (const Class of [Crypto, SubtleCrypto, CryptoKey]) await throws(() => new Class(), "TypeError");
  },
  "keys are CryptoKeys": async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-CTR", length: 192 }, true, ["decrypt"]);
    equal(key instanceof CryptoKey, true);
    equal([key.type, key.algorithm, key.extractable, key.usages], ["secret", { name: "AES-CTR", length: 192 }, true, ["decrypt"]]);
  },
  "methods want the right object": async () => {
    await throws(() => (0, crypto.getRandomValues)(new Uint8Array(1)), "TypeError");
    await throws(() => (0, crypto.subtle.digest)("SHA-1", new Uint8Array(1)), "TypeError");
  },
});
