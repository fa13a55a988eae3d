// Computes in pieces with waits between: they add up.

import { attack } from "../attack.js";

export default attack(async () => {
  for (;;) {
    for (let i = 0; i < 3e6; i++);
    await scheduler.wait(1);
  }
});
