// Sorts large typed arrays.

import { attack } from "../attack.js";

export default attack(() => {
  const numbers = new Float64Array(1e6);
  for (;;) {
    crypto.getRandomValues(new Uint8Array(numbers.buffer, 0, 65536));
    numbers.reverse().sort();
  }
});
