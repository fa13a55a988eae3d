// One map that grows for ever.

import { attack } from "../attack.js";

export default attack(() => {
  const all = new Map();
  for (let i = 0;; i++) all.set(`${i}`, i);
});
