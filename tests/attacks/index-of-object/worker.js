// Searches an object that says it has 2^53 - 1 entries: a native loop that nothing interrupts.

import { attempt } from "../attack.js";

export default attempt(() => {
  Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
});
