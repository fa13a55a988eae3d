// Blobs of 600 bytes.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  const bytes = new Uint8Array(600);
  for (;;) kept.push(new Blob([bytes]));
});
