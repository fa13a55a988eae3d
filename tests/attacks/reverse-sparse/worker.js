// Reverses a sparse array of 2^32 - 1 entries: a native loop that nothing interrupts.

import { attempt } from "../attack.js";

export default attempt(() => {
  const sparse = new Array(2 ** 32 - 1);
  sparse[5] = 1;
  sparse.reverse();
});
