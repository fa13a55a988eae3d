// Instances whose memories nobody but they can see, and grow, all in one turn. `g` grows by pages and fills the memory.

import { attack } from "../attack.js";
import module from "./memory.wasm";

export default attack(() => {
  const instances = Array.from({ length: 200 }, () => new WebAssembly.Instance(module));
  for (let i = 0;; i++) {
    instances[i % instances.length].exports.g(256);
  }
});
