// Uses up the stack in native code.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("overflow");
  return new Response("done");
});
