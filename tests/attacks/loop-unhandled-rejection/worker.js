// A rejection that nobody handles, with properties that never come.

import { attack } from "../attack.js";

export default attack(() => {
  Promise.reject(
    new Proxy(new Error(), {
      get() {
        for (;;);
      },
    }),
  );
  return scheduler.wait(100).then(() => new Response("waited"));
});
