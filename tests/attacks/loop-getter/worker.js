// The platform reads a getter that never returns.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response("x", {
    get headers() {
      for (;;);
    },
  });
});
