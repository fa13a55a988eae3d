// Messages that nobody receives.

import { attack } from "../attack.js";

export default attack(() => {
  const { port1 } = new MessageChannel();
  const text = "x".repeat(1 << 16);
  for (;;) port1.postMessage(text);
});
