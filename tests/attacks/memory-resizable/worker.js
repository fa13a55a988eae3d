// Resizable buffers.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const buffer = new ArrayBuffer(0, { maxByteLength: 1 << 26 });
    buffer.resize(1 << 26);
    new Uint8Array(buffer).fill(1);
    kept.push(buffer);
  }
});
