// Digests, all at once.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(crypto.subtle.digest("SHA-256", new Uint8Array(100000)));
});
