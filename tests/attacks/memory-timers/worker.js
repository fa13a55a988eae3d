// Timers.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;) setTimeout(() => {}, 1e6);
});
