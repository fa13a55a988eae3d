// Fills an array of 2^25 entries, in one native call.

import { attack } from "../attack.js";

export default attack(() => {
  new Array(2 ** 25 - 1).fill(0);
  return new Response("done");
});
