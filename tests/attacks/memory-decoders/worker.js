// Decoders in the middle of a letter.

import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (;;) {
    const decoder = new TextDecoder("gbk");
    decoder.decode(new Uint8Array([1]), { stream: true });
    kept.push(decoder);
  }
});
