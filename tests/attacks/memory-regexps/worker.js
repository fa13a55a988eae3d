// Regular expressions, compiled and kept.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (let i = 0;; i++) {
    const pattern = new RegExp(`(a|b|${i}){1,50}(c|d){1,50}`);
    pattern.test("abcd");
    pattern.test("abcdabcd".repeat(100));
    kept.push(pattern);
  }
});
