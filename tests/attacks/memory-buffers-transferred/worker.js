// Buffers that are transferred back and forth, and grow.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new ArrayBuffer(1 << 10).transfer(1 << 20));
});
