// Buffers without a byte.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new ArrayBuffer(0));
});
