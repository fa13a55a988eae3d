// Has its cell say nothing any more: whoever shares it waits until it is replaced, after 1.5 s, or 5 s on a busy machine.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("hang");
  return new Response("done");
});
