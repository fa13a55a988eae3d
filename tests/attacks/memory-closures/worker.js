// Closures that keep one another.

import { attack } from "../attack.js";

export default attack(() => {
  let last = () => {};
  for (;;) {
    const before = last;
    last = () => before();
  }
});
