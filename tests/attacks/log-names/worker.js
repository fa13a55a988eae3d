// Paths of requests look like lines of the node.

import { attack } from "../attack.js";

export default attack(() => {
  throw new Error("x");
});
