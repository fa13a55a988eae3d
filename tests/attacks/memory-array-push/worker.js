// One array that grows for ever.

import { attack } from "../attack.js";

export default attack(() => {
  const all = [];
  for (;;) all.push(all.length);
});
