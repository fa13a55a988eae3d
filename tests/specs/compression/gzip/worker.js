import { checks, equal } from "../../check.js";

const through = async (bytes, transform) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());
const hex = (text) => Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));

export default checks({
  "there and back": async () => {
    const original = new TextEncoder().encode("skerry ".repeat(5000));
    const packed = await through(original, new CompressionStream("gzip"));
    equal([...packed.subarray(0, 3)], [0x1f, 0x8b, 8]);
    equal(packed.length < 1000, true);
    equal(await through(packed, new DecompressionStream("gzip")), original);
  },
  "what another program packed": async () => {
    const packed = hex("1f8b08000000000002032bce4e2d2aaa542846a6003ae7cfdb14000000");
    equal(new TextDecoder().decode(await through(packed, new DecompressionStream("gzip"))), "skerry skerry skerry");
  },
  "nothing at all": async () => {
    const packed = await through(new Uint8Array(0), new CompressionStream("gzip"));
    equal(packed.length > 17, true);
    equal((await through(packed, new DecompressionStream("gzip"))).length, 0);
  },
});
