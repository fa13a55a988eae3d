// Instances of a module that has a memory of its own.

import { attack } from "../attack.js";
import module from "./memory.wasm";

const kept = [];

export default attack(() => {
  for (;;) {
    const { exports } = new WebAssembly.Instance(module);
    new Uint8Array(exports.m.buffer).fill(1);
    kept.push(exports.m);
  }
});
