// Twenty endless loops at a time.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;);
});
