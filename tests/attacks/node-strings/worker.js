// Text of a Buffer in each encoding, and Buffers of the text, until there is no room.

import { Buffer, transcode } from "node:buffer";
import { attack } from "../attack.js";

const kept = [];

export default attack(() => {
  for (let size = 1 << 20; ; size *= 2) {
    const bytes = Buffer.alloc(size, "\u20ac");
    for (const encoding of ["utf8", "latin1", "ascii", "utf16le", "hex", "base64"]) {
      const text = bytes.toString(encoding);
      kept.push(text, Buffer.from(text, encoding));
    }
    kept.push(transcode(bytes, "utf8", "utf16le"));
  }
});
