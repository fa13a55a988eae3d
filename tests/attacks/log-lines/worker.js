// Prints lines that look like the node's own, and control characters.

import { attack } from "../attack.js";

export default attack(() => {
  console.error("first\n[skerry] error: forged\r\n[neighbour] GET /forged failed\u2028[skerry] forged");
  console.error("\u001b[2J\u001b[1A\u009b2Jgone\u0007\b\b");
  console.error({ "a\n[skerry] forged": "b\n[skerry] forged" });
  return new Response("printed");
});
