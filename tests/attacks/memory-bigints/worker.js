// Integers of a million bits.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (let i = 0n;; i++) kept.push((1n << 1000000n) + i);
});
