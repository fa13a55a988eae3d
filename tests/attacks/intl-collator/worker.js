// Compares long texts by the rules of a language, in a short loop.

import { attack } from "../attack.js";

const [a, b] = ["ä".repeat(2e4) + "a", "ä".repeat(2e4) + "b"];

export default attack(() => {
  for (;;) a.localeCompare(b, "de");
});
