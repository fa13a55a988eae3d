// The handler throws a Proxy whose traps never return.

import { attack } from "../attack.js";

export default attack(() => {
  const forever = () => {
    for (;;);
  };
  throw new Proxy(new Error(), { get: forever, has: forever, getPrototypeOf: forever, getOwnPropertyDescriptor: forever });
});
