import { checks, equal } from "../../check.js";

const text = (value) => new TextEncoder().encode(value);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const derive = async (password, algorithm, length) => {
  const key = await crypto.subtle.importKey("raw", text(password), "PBKDF2", false, ["deriveBits", "deriveKey"]);
  return hex(await crypto.subtle.deriveBits({ name: "PBKDF2", ...algorithm }, key, length));
};

export default checks({
  "with SHA-256, RFC 7914, 11": async () => {
    equal(
      await derive("passwd", { hash: "SHA-256", salt: text("salt"), iterations: 1 }, 512),
      "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    );
  },
  "with SHA-1, RFC 6070": async () => {
    equal(await derive("password", { hash: "SHA-1", salt: text("salt"), iterations: 4096 }, 160), "4b007901b765489abead49d926f721d065a429c1");
  },
  "a key": async () => {
    const password = await crypto.subtle.importKey("raw", text("password"), "PBKDF2", false, ["deriveKey"]);
    const algorithm = { name: "PBKDF2", hash: "SHA-1", salt: text("salt"), iterations: 4096 };
    const key = await crypto.subtle.deriveKey(algorithm, password, { name: "AES-GCM", length: 128 }, true, ["encrypt"]);
    equal(hex(await crypto.subtle.exportKey("raw", key)), "4b007901b765489abead49d926f721d0");
  },
});
