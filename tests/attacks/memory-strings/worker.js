// Strings that double, and their JSON.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  let s = "x";
  for (;;) {
    s += s;
    kept.push(s, JSON.stringify(s));
  }
});
