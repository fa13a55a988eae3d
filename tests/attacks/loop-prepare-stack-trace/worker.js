// The formatter of stack traces never returns, and the node formats one.

import { attack } from "../attack.js";

export default attack(() => {
  Error.prepareStackTrace = () => {
    for (;;);
  };
  throw new Error("x");
});
