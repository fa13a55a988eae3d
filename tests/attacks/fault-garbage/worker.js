// Writes bytes to the channel that are no frame.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("garbage");
  return new Response("done");
});
