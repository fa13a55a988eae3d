import { assert, checks, equal } from "../../check.js";

const SIZE = 64 << 20;
const FORMATS = ["gzip", "deflate", "deflate-raw", "brotli"];
const CHUNK_MAX = 1.25 * (1 << 20);

/** Zeros, packed: about a thousandth of their size. */
async function packed(format) {
  if (format === "brotli") return Uint8Array.fromBase64("y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==");
  const block = new Uint8Array(1 << 20);
  let left = SIZE / block.length;
  const zeros = new ReadableStream({
    pull(controller) {
      if (left-- === 0) controller.close();
      else controller.enqueue(block);
    },
  });
  return new Uint8Array(await new Response(zeros.pipeThrough(new CompressionStream(format))).arrayBuffer());
}

const unpacking = (format, bytes) => ReadableStream.from([bytes]).pipeThrough(new DecompressionStream(format));

export default checks({
  "whole": async () => {
    for (const format of FORMATS) {
      const bytes = await packed(format);
      assert(bytes.length < SIZE / 500);
      let [length, largest, notZero] = [0, 0, 0];
      for await (const chunk of unpacking(format, bytes)) {
        length += chunk.length;
        largest = Math.max(largest, chunk.length);
        notZero += chunk[0] | chunk[chunk.length - 1];
      }
      assert(largest <= CHUNK_MAX, `${format}: a chunk of ${largest} bytes`);
      equal([length, notZero], [SIZE, 0], format);
    }
  },
  "read in part and cancelled": async () => {
    for (const format of FORMATS) {
      const bytes = await packed(format);
      for (let times = 0; times < 20; times++) {
        const reader = unpacking(format, bytes).getReader();
        const { value } = await reader.read();
        assert(value.length > 0 && value.length <= CHUNK_MAX, `${format}: a chunk of ${value.length} bytes`);
        await reader.cancel("enough");
        equal((await reader.read()).done, true);
      }
    }
  },
  "what nobody reads waits": async () => {
    const { readable, writable } = new DecompressionStream("gzip");
    const writer = writable.getWriter();
    let isWritten = false;
    const written = writer.write(await packed("gzip")).then(() => { isWritten = true; });
    const reader = readable.getReader();
    await reader.read();
    await scheduler.wait(20);
    equal(isWritten, false);
    let length = 0;
    const closed = written.then(() => writer.close());
    for (let next = await reader.read(); !next.done; next = await reader.read()) length += next.value.length;
    await closed;
    assert(length > SIZE - 2 * CHUNK_MAX && length < SIZE, `${length} bytes`);
  },
});
