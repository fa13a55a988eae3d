// Sixteen million replacements in one native call.

import { attack } from "../attack.js";

export default attack(() => {
  "a".repeat(1 << 24).replaceAll("a", "bb");
  return new Response("done");
});
