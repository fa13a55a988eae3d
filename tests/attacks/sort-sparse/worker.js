// Sorts a sparse array of 2^32 - 1 entries: a native loop that nothing interrupts.

import { attempt } from "../attack.js";

export default attempt(() => {
  new Array(2 ** 32 - 1).sort();
});
