import { checks, equal } from "../../check.js";

export default checks({
  "byte by byte": async () => {
    const words = "one two three four five ".repeat(20);
    const packed = await new Response(new Blob([words]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
    const pieces = [...new Uint8Array(packed)].map((byte) => new Uint8Array([byte]));
    equal(await new Response(ReadableStream.from(pieces).pipeThrough(new DecompressionStream("gzip"))).text(), words);
  },
  "a megabyte of noise": async () => {
    const noise = new Uint8Array(1 << 20);
    for (let at = 0; at < noise.length; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
    const stream = new Blob([noise]).stream().pipeThrough(new CompressionStream("deflate")).pipeThrough(new DecompressionStream("deflate"));
    const back = new Uint8Array(await new Response(stream).arrayBuffer());
    equal(back.length, noise.length);
    equal(back.every((byte, at) => byte === noise[at]), true);
  },
});
