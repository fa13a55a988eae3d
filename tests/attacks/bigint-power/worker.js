// Powers of large integers.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;) 3n ** 300000n;
});
