// Prints control characters, which could rewrite a terminal.

import { attack } from "../attack.js";

export default attack(() => {
  console.error("\u001b[2J\u001b[1A\u009b2Jgone\u0007\b\b");
  throw new Error("\u001b[2Jthrown\r");
});
