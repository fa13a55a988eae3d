import { checks, equal } from "../../check.js";

export default checks({
  "an imported key": async () => {
    const usages = ["wrapKey", "decrypt", "encrypt", "decrypt"];
    const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, usages);
    equal([...key.usages], ["encrypt", "decrypt", "wrapKey"]);
  },
  "a generated key": async () => {
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["verify", "sign", "verify"]);
    equal([...key.usages], ["sign", "verify"]);
  },
});
