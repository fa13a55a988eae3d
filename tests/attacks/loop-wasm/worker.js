// An endless loop in WebAssembly.

import module from "./loop.wasm";

import { attack } from "../attack.js";

export default attack(() => new WebAssembly.Instance(module).exports.loop());
