// Visits the 2^32 - 1 holes of an array: a native loop that nothing interrupts.

import { attempt } from "../attack.js";

export default attempt(() => {
  new Array(2 ** 32 - 1).forEach(() => {});
});
