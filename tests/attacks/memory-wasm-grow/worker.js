// A WebAssembly memory that grows for ever.

import { attack } from "../attack.js";

export default attack(() => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  for (;;) {
    memory.grow(100);
    new Uint8Array(memory.buffer).fill(1);
  }
});
