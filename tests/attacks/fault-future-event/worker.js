// Says that an event is done which has not been yet.

import { attack, fault } from "../attack.js";

export default attack(() => {
  fault("future-event");
  return new Response("done");
});
