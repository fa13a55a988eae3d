// Writes to an address that is nobody's, as code does that has broken out of the engine.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("segv");
  return new Response("done");
});
