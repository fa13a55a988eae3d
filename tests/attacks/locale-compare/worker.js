// Compares texts of 16 MB: native code that nothing interrupts, and that is charged when it is over.

import { attempt } from "../attack.js";

export default attempt(() => {
  const [a, b] = ["ä".repeat(1 << 23) + "a", "ä".repeat(1 << 23) + "b"];
  a.localeCompare(b);
});
