// Splits a text of 262 MB into its letters: V8 ends the process ("invalid size error").

import { attempt } from "../attack.js";

export default attempt(() => {
  "x".repeat(262_000_000).split("");
});
