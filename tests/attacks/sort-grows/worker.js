// Sorts with a comparator that lengthens the array.

import { attack } from "../attack.js";

export default attack(() => {
  const numbers = [3, 2, 1];
  for (;;) numbers.sort(() => numbers.push(1));
});
