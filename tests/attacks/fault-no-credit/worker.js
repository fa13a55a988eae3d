// Sends more of a stream than the node has asked for.

import { attack, fault } from "../attack.js";

export default attack(() => {
  let pulls = 0;
  return new Response(
    new ReadableStream({
      async pull(controller) {
        controller.enqueue(new Uint8Array(1));
        await scheduler.wait(1);
        if (++pulls === 3) fault("no-credit");
      },
    }),
  );
});
