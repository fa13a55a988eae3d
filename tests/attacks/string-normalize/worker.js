// Normalisation of long texts in a short loop.

import { attack } from "../attack.js";

const text = "\u1e9b\u0323".repeat(1 << 15);

export default attack(() => {
  for (;;) text.normalize("NFKD");
});
