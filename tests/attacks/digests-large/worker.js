// Hashes a large buffer twenty times: 200 ms of CPU time outside of JavaScript.

import { attack } from "../attack.js";

export default attack(async () => {
  const data = new Uint8Array(5 << 20);
  for (let i = 0; i < 20; i++) await crypto.subtle.digest("SHA-512", data);
  return new Response("hashed");
});
