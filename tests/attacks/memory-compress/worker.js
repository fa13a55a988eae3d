// Compressors, each with its window.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const stream = new CompressionStream("gzip");
    const writer = stream.writable.getWriter();
    writer.write(new Uint8Array(10));
    kept.push(stream, writer);
  }
});
