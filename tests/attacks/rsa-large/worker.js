// Makes an RSA key of 16384 bits.

import { attempt } from "../attack.js";

export default attempt(async () => {
  await crypto.subtle.generateKey(
    { name: "RSA-PSS", modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
});
