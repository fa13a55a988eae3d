// Buffers of 1000 bytes.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Uint8Array(1000));
});
