// The platform converts an object to a string that never comes.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response({
    toString() {
      for (;;);
    },
  });
});
