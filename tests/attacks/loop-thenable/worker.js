// The handler returns an object whose `then` never returns.

import { attack } from "../attack.js";

export default attack(() => {
  return {
    get then() {
      for (;;);
    },
  };
});
