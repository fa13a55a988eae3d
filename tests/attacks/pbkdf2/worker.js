// PBKDF2 with a thousand million iterations.

import { attempt } from "../attack.js";

const iterations = 1e9;

export default attempt(async () => {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
  const derive = () => crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations }, key, 512);
  await Promise.all(Array.from({ length: 1 }, derive));
});
