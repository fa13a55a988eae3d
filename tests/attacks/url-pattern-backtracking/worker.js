// A URL pattern whose regular expression needs exponential time.

import { attack } from "../attack.js";

export default attack(() => {
  new URLPattern({ pathname: "/(a|a)*b" }).test({ pathname: `/${"a".repeat(60)}` });
  new URLPattern({ pathname: "/((?:a+)+)" }).test({ pathname: `/${"a".repeat(60)}!` });
  return new Response("done");
});
