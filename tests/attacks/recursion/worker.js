// Endless recursion.

import { attempt } from "../attack.js";

export default attempt(() => {
  const down = () => down() + 1;
  down();
});
