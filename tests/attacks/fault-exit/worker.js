// Ends the process of its cell as if nothing was.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("exit");
  return new Response("done");
});
