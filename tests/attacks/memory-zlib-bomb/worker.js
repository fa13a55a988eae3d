// A gzip bomb of 200 MB is read, and kept.

import { attack } from "../attack.js";

export default attack(async () => {
  const zeros = new Uint8Array(1 << 20);
  let sent = 0;
  const bomb = new ReadableStream({
    pull(controller) {
      if (sent++ < 200) controller.enqueue(zeros);
      else controller.close();
    },
  });
  const small = await new Response(bomb.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  const large = await new Response(new Blob([small]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  return new Response(`${large.byteLength}`);
});
