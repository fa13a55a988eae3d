// URL patterns.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new URLPattern({ pathname: `/a/:b/${kept.length}` }));
});
