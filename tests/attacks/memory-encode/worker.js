// Text encoded to bytes.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  const encoder = new TextEncoder();
  const text = "x".repeat(1 << 16);
  for (;;) kept.push(encoder.encode(text));
});
