// Requests with large bodies that never leave.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  const text = "x".repeat(1 << 20);
  for (;;) kept.push(fetch("http://127.0.0.1:9/", { method: "POST", body: text }).catch(() => {}));
});
