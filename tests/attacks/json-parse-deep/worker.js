// JSON with a million levels.

import { attempt } from "../attack.js";

export default attempt(() => {
  JSON.parse("[".repeat(1e6) + "]".repeat(1e6));
  return "parsed";
});
