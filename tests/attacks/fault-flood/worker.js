// Floods the channel with messages that mean nothing, and never ends.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("flood");
  return new Response("done");
});
