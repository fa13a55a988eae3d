import { checks, equal, throws } from "../../check.js";

const text = "x".repeat(8 << 20);
const packed = async (format) => new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream(format))).arrayBuffer());
const formats = ["gzip", "deflate", "deflate-raw"];

async function everyFormat(check) {
  for (const format of formats) {
    const { readable, writable } = new DecompressionStream(format);
    await check(readable.getReader(), writable.getWriter(), await packed(format));
  }
}

export default checks({
  "cancelled before the first byte": () => everyFormat(async (reader, writer, bytes) => {
    await reader.cancel("no");
    equal(await writer.write(bytes).catch((error) => error), "no");
    equal(await reader.read(), { value: undefined, done: true });
  }),
  "cancelled while a write waits": () => everyFormat(async (reader, writer, bytes) => {
    const written = writer.write(bytes);
    const later = writer.write(bytes).catch((error) => error);
    equal((await reader.read()).done, false);
    await reader.cancel("enough");
    await written;
    equal(await later, "enough");
    equal(await writer.closed.catch((error) => error), "enough");
  }),
  "aborted before the first byte": () => everyFormat(async (reader, writer) => {
    await writer.abort("no");
    equal(await reader.read().catch((error) => error), "no");
  }),
  "aborted while a write waits": () => everyFormat(async (reader, writer, bytes) => {
    writer.closed.catch(() => {});
    const written = writer.write(bytes);
    equal((await reader.read()).done, false);
    const aborted = writer.abort("enough");
    // What is under way is unpacked as it is read; nothing comes after it.
    let error;
    while (error === undefined) await reader.read().catch((reason) => { error = reason; });
    await Promise.all([written, aborted]);
    equal(error, "enough");
  }),
  "cancelled after the end": () => everyFormat(async (reader, writer, bytes) => {
    const written = writer.write(bytes);
    const closed = writer.close();
    while (!(await reader.read()).done);
    await Promise.all([written, closed, reader.cancel()]);
  }),
  "the source of a pipe is cancelled": async () => {
    let reason;
    const bytes = await packed("gzip");
    const source = new ReadableStream({ pull(controller) { controller.enqueue(bytes); }, cancel(value) { reason = value; } });
    const reader = source.pipeThrough(new DecompressionStream("gzip")).getReader();
    await reader.read();
    await reader.cancel("enough");
    await scheduler.wait(1);
    equal(reason, "enough");
  },
  "a consumer that throws": async () => {
    const stream = ReadableStream.from([await packed("gzip")]).pipeThrough(new DecompressionStream("gzip"));
    await throws(() => stream.pipeTo(new WritableStream({ write() { throw new RangeError("no"); } })), "RangeError");
  },
  "many that are left as they are": async () => {
    const bytes = await packed("deflate");
    for (let i = 0; i < 100; i++) {
      const { readable, writable } = new DecompressionStream("deflate");
      writable.getWriter().write(bytes).catch(() => {});
      await readable.getReader().read();
    }
  },
});
