// Blobs of one byte.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Blob(["x"]));
});
