// Keys.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", false, ["encrypt"]));
});
