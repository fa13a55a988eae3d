// Clones an object of a million levels.

import { attempt } from "../attack.js";

export default attempt(() => {
  let deep = {};
  for (let i = 0; i < 1e6; i++) deep = { deep };
  structuredClone(deep);
});
