// The decimal digits of a large integer.

import { attack } from "../attack.js";

export default attack(() => {
  const x = (1n << 1000000n) - 1n;
  for (;;) x.toString();
});
