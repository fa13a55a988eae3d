// WebAssembly memories.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const memory = new WebAssembly.Memory({ initial: 1000 });
    new Uint8Array(memory.buffer).fill(1);
    kept.push(memory);
  }
});
