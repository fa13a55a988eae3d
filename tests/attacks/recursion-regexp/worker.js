// A regular expression with a hundred thousand levels.

import { attempt } from "../attack.js";

export default attempt(() => {
  new RegExp("(".repeat(1e5) + ")".repeat(1e5)).test("x");
});
