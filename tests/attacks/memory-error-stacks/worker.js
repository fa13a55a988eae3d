// Errors with long stacks, kept.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  Error.stackTraceLimit = Infinity;
  const down = (depth) => {
    if (depth > 0) down(depth - 1);
    else for (;;) kept.push(new Error("x"));
  };
  down(1000);
});
