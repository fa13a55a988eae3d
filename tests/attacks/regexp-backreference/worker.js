// A regular expression that needs exponential time and has a backreference, so that there is no other engine for it.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response(`${/^(a+)+\1$/.test("a".repeat(40) + "b")}`);
});
