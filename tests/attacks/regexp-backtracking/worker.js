// A regular expression that needs exponential time: V8 goes over to an engine that does not.

import { attack } from "../attack.js";

export default attack(() => {
  return new Response(`${/^(a+)+$/.test("a".repeat(40) + "b")}`);
});
