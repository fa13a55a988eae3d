// A loop around one that the compiler unrolls, after which nothing looks for interrupts without a flag.

import { attack } from "../attack.js";

export default attack(() => {
  const all = [];
  for (;;) {
    all.length = 0;
    for (let i = 0; i < 4; i++) all.push(i);
  }
});
