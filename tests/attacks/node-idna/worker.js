// Names of hosts, whose encoding takes a time that grows with the square of their length.

import { toASCII } from "node:punycode";
import { domainToUnicode } from "node:url";
import { attack } from "../attack.js";

export default attack((request) => {
  if (new URL(request.url).pathname === "/long") {
    try {
      return new Response(`${toASCII("\u00e4\u{10ffff}".repeat(1 << 20)).length}`);
    } catch (error) {
      return new Response(error.name);
    }
  }
  for (let i = 0; ; i++) {
    toASCII(`${"\u00e4\u4e00".repeat(200)}${i}`);
    domainToUnicode(`xn--${"a".repeat(1000)}${i}`);
  }
});
