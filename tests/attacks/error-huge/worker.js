// An error whose message is larger than any message of a cell may be.

import { attack } from "../attack.js";

export default attack(() => {
  throw new Error("x".repeat(40_000_000));
});
