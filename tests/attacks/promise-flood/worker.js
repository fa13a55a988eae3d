// Promises without end.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new Promise((resolve) => setTimeout(resolve, 1e6)).then(() => {}));
});
