// Recursion through native code of the platform: clones whose getters clone.

import { attempt } from "../attack.js";

export default attempt(() => {
  const down = () => structuredClone({
    get a() {
      return down();
    },
  });
  down();
});
