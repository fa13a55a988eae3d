// Sends a frame whose message there is not.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("nonsense");
  return new Response("done");
});
