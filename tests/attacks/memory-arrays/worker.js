// Fills the heap with arrays.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Array(1000).fill(kept.length));
});
