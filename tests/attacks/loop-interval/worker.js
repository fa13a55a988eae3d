// A timer without end, left after the answer.

import { attack } from "../attack.js";

export default attack(() => {
  setInterval(() => {
    for (let i = 0; i < 1e6; i++);
  }, 0);
  return new Response("left");
});
