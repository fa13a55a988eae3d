// Endless microtasks: each queues the next.

import { attack } from "../attack.js";

export default attack(() => {
  const again = () => queueMicrotask(again);
  again();
  return new Promise(() => {});
});
