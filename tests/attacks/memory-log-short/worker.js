// A flood of short lines: those beyond the backlog are dropped.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;) console.error("x");
});
