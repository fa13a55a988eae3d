// The console prints an object with a getter and a conversion that never return.

import { attack } from "../attack.js";

export default attack(() => {
  console.error({
    get a() {
      for (;;);
    },
  }, "%s", {
    toString() {
      for (;;);
    },
  });
  console.error("%d", {
    valueOf() {
      for (;;);
    },
  });
  return new Response("printed");
});
