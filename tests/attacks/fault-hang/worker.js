// Has its cell say nothing any more: whoever shares it waits until it is replaced, after 5 s.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("hang");
  return new Response("done");
});
