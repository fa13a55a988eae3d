// A stream that gives small chunks for ever; the client reads them all.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response(
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1));
      },
    }),
  );
});
