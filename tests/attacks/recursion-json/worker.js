// JSON.stringify of an array of a million levels.

import { attempt } from "../attack.js";

export default attempt(() => {
  let deep = [];
  for (let i = 0; i < 1e6; i++) deep = [deep];
  return JSON.stringify(deep).length;
});
