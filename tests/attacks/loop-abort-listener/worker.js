// The listener of a signal never returns.

import { attack } from "../attack.js";

export default attack(() => {
  const controller = new AbortController();
  controller.signal.addEventListener("abort", () => {
    for (;;);
  });
  controller.abort();
});
