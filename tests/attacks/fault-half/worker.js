// Ends the process of its cell in the middle of a frame.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("half");
  return new Response("done");
});
