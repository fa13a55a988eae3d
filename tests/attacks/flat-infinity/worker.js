// Flattens an array of 2^30 leaves: V8 ends the process ("invalid array length").

import { attempt } from "../attack.js";

export default attempt(() => {
  let nested = [1];
  for (let i = 0; i < 30; i++) nested = [nested, nested];
  nested.flat(Infinity);
});
