// A flood of long lines, faster than they are printed.

import { attack } from "../attack.js";

export default attack(() => {
  const text = "x".repeat(1 << 16);
  for (;;) console.error(text);
});
