// util.inspect of a getter that never comes back: the engine's own formatter goes on behind the end of the getter.

import { inspect } from "node:util";
import { attack } from "../attack.js";

const endless = {
  get a() {
    for (;;);
  },
};

export default attack(() => {
  for (;;) {
    inspect(endless, { getters: true });
  }
});
