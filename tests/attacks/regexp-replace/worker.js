// A regular expression of quadratic time, over a long text.

import { attack } from "../attack.js";

export default attack(() => {
  "a".repeat(1e6).replace(/a*b/g, "");
  return new Response("done");
});
