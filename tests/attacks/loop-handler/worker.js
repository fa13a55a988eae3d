// An endless loop in the handler.

import { attack } from "../attack.js";

export default attack(() => {
  for (;;);
});
