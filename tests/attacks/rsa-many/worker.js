// Makes twenty RSA keys of 4096 bits at once, each of which takes seconds.

import { attempt } from "../attack.js";

const params = { name: "RSA-PSS", modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };

export default attempt(async () => {
  await Promise.all(Array.from({ length: 20 }, () => crypto.subtle.generateKey(params, false, ["sign", "verify"])));
});
