// A leak of 1 MB a request, over three hundred requests.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  kept.push(new Uint8Array(1 << 20).fill(1), new Array(10000).fill(kept.length));
  return new Response(`${kept.length}`);
});
