// Sorts with a comparator that contradicts itself and never stops the sort.

import { attack } from "../attack.js";

export default attack(() => {
  const numbers = Array.from({ length: 1e5 }, (_, i) => i);
  for (;;) numbers.sort(() => Math.random() - 0.5);
});
