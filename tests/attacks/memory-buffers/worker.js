// Buffers of 1 MB.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Uint8Array(1 << 20));
});
