// A stream without bound on what waits in it.

import { attack } from "../attack.js";

export default attack(() => {
  new ReadableStream({
    start(controller) {
      for (;;) controller.enqueue(new Uint8Array(1 << 16));
    },
  });
  return new Response("done");
});
