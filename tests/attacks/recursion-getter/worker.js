// Recursion through getters.

import { attempt } from "../attack.js";

export default attempt(() => {
  const o = {
    get o() {
      return this.o;
    },
  };
  o.o;
});
