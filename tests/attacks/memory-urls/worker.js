// Parsed URLs.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new URL(`http://a/${"b".repeat(1000)}${kept.length}`));
});
