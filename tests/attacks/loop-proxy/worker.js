// The platform looks at a Proxy whose traps never return.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response("x", {
    headers: new Proxy({}, {
      ownKeys() {
        for (;;);
      },
    }),
  });
});
