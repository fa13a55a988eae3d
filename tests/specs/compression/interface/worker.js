import { checks, equal, throws } from "../../check.js";

export default checks({
  "other formats are a TypeError": async () => {
    for (const format of ["zip", "GZIP", "x-gzip", undefined]) {
      await throws(() => new CompressionStream(format), "TypeError");
      await throws(() => new DecompressionStream(format), "TypeError");
    }
    await throws(() => new CompressionStream(), "TypeError");
  },
  "chunks that are not bytes fail both sides": async () => {
    for (const Stream of [CompressionStream, DecompressionStream]) {
      const { readable, writable } = new Stream("gzip");
      const read = readable.getReader().read();
      read.catch(() => {});
      await throws(() => writable.getWriter().write("text"), "TypeError");
      await throws(() => read, "TypeError");
    }
  },
  "buffers and any view will do; Uint8Array comes out": async () => {
    const { readable, writable } = new CompressionStream("gzip");
    const writer = writable.getWriter();
    writer.write(new Uint8Array([0x61]).buffer);
    writer.write(new DataView(new Uint8Array([0x62, 0x63, 0x64]).buffer, 1, 1));
    writer.close();
    const chunks = await Array.fromAsync(readable.pipeThrough(new DecompressionStream("gzip")));
    equal(chunks.every((chunk) => chunk instanceof Uint8Array), true);
    equal(chunks.flatMap((chunk) => [...chunk]), [0x61, 0x63]);
  },
});
