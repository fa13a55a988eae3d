// Ends the process of its cell in the middle of an answer: its client must not take what it has for the whole.

import { attack, fault } from "../attack.js";

export default attack(() => {
  let pulls = 0;
  return new Response(
    new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode("a piece\n"));
        await scheduler.wait(1);
        if (++pulls === 3) fault("exit");
      },
    }),
  );
});
