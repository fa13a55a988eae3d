// Fills an array that is so long that V8 keeps a table of its entries: a native loop that nothing interrupts
// (13 s and 2.2 GB for 2^27 entries).

import { attack } from "../attack.js";

export default attack(() => {
  new Array(2 ** 27).fill(0);
});
