// Events that dispatch themselves from their listeners.

import { attempt } from "../attack.js";

export default attempt(() => {
  const target = new EventTarget();
  target.addEventListener("x", () => target.dispatchEvent(new Event("x")));
  target.dispatchEvent(new Event("x"));
});
