// Puts its thread to sleep for ever.

import { attempt } from "../attack.js";

export default attempt(() => {
  Atomics.wait(new Int32Array(new ArrayBuffer(4)), 0, 0);
});
