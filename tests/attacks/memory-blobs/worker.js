// Blobs of 1 MB.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  const bytes = new Uint8Array(1 << 20);
  for (;;) kept.push(new Blob([bytes]));
});
