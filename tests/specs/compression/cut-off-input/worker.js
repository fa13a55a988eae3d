import { checks, throws } from "../../check.js";

const through = async (bytes, transform) => new Uint8Array(await new Response(ReadableStream.from([bytes]).pipeThrough(transform)).arrayBuffer());
const hex = (text) => Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
const gzip = hex("1f8b08000000000002032bce4e2d2aaa542846a6003ae7cfdb14000000");
const deflate = hex("789c2bce4e2d2aaa542846a60055040821");
const raw = hex("2bce4e2d2aaa542846a600");
const unpack = (format, bytes) => through(bytes, new DecompressionStream(format));

export default checks({
  "gzip": async () => {
    for (const missing of [1, 6, 12]) await throws(() => unpack("gzip", gzip.slice(0, -missing)), "TypeError");
  },
  "deflate": async () => {
    for (const missing of [1, 6]) await throws(() => unpack("deflate", deflate.slice(0, -missing)), "TypeError");
  },
  "deflate-raw": async () => {
    for (const missing of [1, 4]) await throws(() => unpack("deflate-raw", raw.slice(0, -missing)), "TypeError");
  },
});
