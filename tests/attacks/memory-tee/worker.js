// A stream with two branches, of which one is never read.

import { attack } from "../attack.js";

export default attack(async () => {
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(1 << 16));
    },
  });
  const [read, unread] = stream.tee();
  for await (const _ of read);
  return new Response(unread);
});
