// A stream that computes without end when it is pulled, after the head of the answer.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response(
    new ReadableStream({
      async pull() {
        await scheduler.wait(1);
        for (;;);
      },
    }),
  );
});
