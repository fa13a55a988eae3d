// The platform reads pairs of headers from an iterator without end.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response("x", {
    headers: {
      *[Symbol.iterator]() {
        for (;;) yield ["a", "b"];
      },
    },
  });
});
