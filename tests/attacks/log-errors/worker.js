// Throws errors whose text looks like lines of the node.

import { attack } from "../attack.js";

export default attack(() => {
  const error = new Error("first\n[skerry] error: forged");
  error.stack = "stack\n[skerry] error: forged\n\u001b[2J[neighbour] forged";
  throw error;
});
