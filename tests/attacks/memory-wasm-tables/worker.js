// WebAssembly tables that grow.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const table = new WebAssembly.Table({ initial: 1, element: "externref" });
    table.grow(9_000_000, kept);
    kept.push(table);
  }
});
