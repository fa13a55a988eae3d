// Signals with a time.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new AbortController(), AbortSignal.timeout(1e6));
});
