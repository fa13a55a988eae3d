// Socket pairs with messages that nobody receives.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const pair = new WebSocketPair();
    pair[0].accept();
    pair[1].accept();
    pair[0].send("x".repeat(1 << 16));
    kept.push(pair);
  }
});
