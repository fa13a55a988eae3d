// A WebAssembly memory of 1 GB at once, written to in one native call.

import { attack } from "../attack.js";

export default attack(() => {
  new Uint8Array(new WebAssembly.Memory({ initial: 16384 }).buffer).fill(1);
  return new Response("filled");
});
