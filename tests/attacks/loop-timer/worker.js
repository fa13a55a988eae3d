// A timer that never returns, while the handler waits.

import { attack } from "../attack.js";

export default attack(() => {
  setTimeout(() => {
    for (;;);
  });
  return new Promise(() => {});
});
