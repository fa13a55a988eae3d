// Speaks for an isolate that there is not.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("other-isolate");
  return new Response("done");
});
