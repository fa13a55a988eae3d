// Isolates of one node must not draw the same numbers.

import { attack } from "../attack.js";

export default attack((request) => {
  if (new URL(request.url).pathname === "/end") for (;;);
  return new Response(`${Math.random()} ${crypto.randomUUID()}`);
});
