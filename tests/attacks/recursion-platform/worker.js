// Recursion through the platform: options whose getters call it again.

import { attempt } from "../attack.js";

export default attempt(() => {
  const down = () => new Response("x", {
    get status() {
      return down().status;
    },
  });
  down();
});
