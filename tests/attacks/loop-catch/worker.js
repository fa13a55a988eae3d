// A loop that catches all errors, around the termination of another.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;) {
    try {
      for (;;);
    } catch {}
  }
});
