// The handler throws an error whose properties never come, when the node wants to log it.

import { attack } from "../attack.js";

export default attack(() => {
  const forever = {
    get() {
      for (;;);
    },
  };
  throw Object.defineProperties(new Error(), { message: forever, stack: forever, name: forever, cause: forever });
});
