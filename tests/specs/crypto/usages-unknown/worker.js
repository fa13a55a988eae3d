import { checks, throws } from "../../check.js";

export default checks({
  "generateKey()": () => throws(() => crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["read"]), "TypeError"),
  "importKey()": async () => {
    await throws(() => crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt", "read"]), "TypeError");
    await throws(() => crypto.subtle.importKey("pem", new Uint8Array(16), "AES-GCM", false, ["encrypt"]), "TypeError");
  },
});
