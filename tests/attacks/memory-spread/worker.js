// Arguments without number.

import { attempt } from "../attack.js";

export default attempt(() => {
  return Math.max(...new Array(2e7).fill(0));
});
