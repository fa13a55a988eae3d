import { checks, equal, throws } from "../../check.js";

const through = async (bytes, transform) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());
const hex = (text) => Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
const text = (bytes) => new TextDecoder().decode(bytes);

export default checks({
  "deflate has a zlib header": async () => {
    const packed = await through(new Uint8Array([1, 2, 3]), new CompressionStream("deflate"));
    equal([packed[0], ((packed[0] << 8) | packed[1]) % 31], [0x78, 0]);
    equal(await through(packed, new DecompressionStream("deflate")), new Uint8Array([1, 2, 3]));
    equal(text(await through(hex("789c2bce4e2d2aaa542846a60055040821"), new DecompressionStream("deflate"))), "skerry skerry skerry");
  },
  "deflate-raw has none": async () => {
    const packed = await through(new Uint8Array([1, 2, 3]), new CompressionStream("deflate-raw"));
    equal(await through(packed, new DecompressionStream("deflate-raw")), new Uint8Array([1, 2, 3]));
    equal(text(await through(hex("2bce4e2d2aaa542846a600"), new DecompressionStream("deflate-raw"))), "skerry skerry skerry");
  },
  "one does not pass for the other": async () => {
    await throws(() => through(hex("2bce4e2d2aaa542846a600"), new DecompressionStream("deflate")), "TypeError");
  },
});
