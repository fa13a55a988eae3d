// Microtasks that each queue two more.

import { attack } from "../attack.js";

export default attack(() => {
  const more = () => {
    Promise.resolve().then(more);
    Promise.resolve().then(more);
  };
  more();
  return new Promise(() => {});
});
