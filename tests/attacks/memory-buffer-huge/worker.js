// A buffer of 2 GB.

import { attempt } from "../attack.js";

export default attempt(() => {
  new Uint8Array(2 ** 31);
});
