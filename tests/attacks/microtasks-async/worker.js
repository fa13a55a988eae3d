// Endless microtasks: an async loop.

import { attack } from "../attack.js";

export default attack(async () => {
  for (;;) await 0;
});
