import { checks, equal, throws } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

export default checks({
  "views and buffers come out as Uint8Array, in order": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    writer.write(new Uint8Array([0, 1, 2]).subarray(1));
    writer.write(new Uint16Array([0x0403]));
    writer.write(new Uint8Array([5]).buffer);
    writer.close();
    const chunks = await Array.fromAsync(readable);
    equal(chunks.every((chunk) => chunk instanceof Uint8Array), true);
    equal(chunks.flatMap((chunk) => [...chunk]), [1, 2, 3, 4, 5]);
  },
  "a write is done when its bytes have been read": async () => {
    const { readable, writable } = new IdentityTransformStream();
    let written = false;
    writable.getWriter().write(new Uint8Array([1])).then(() => (written = true));
    await settle();
    equal(written, false);
    await readable.getReader().read();
    await settle();
    equal(written, true);
  },
  "what is not bytes is refused": async () => {
    for (const chunk of ["text", 1, {}, null]) {
      const { readable, writable } = new IdentityTransformStream();
      readable.getReader().read().catch(() => {});
      await throws(() => writable.getWriter().write(chunk), "TypeError");
    }
  },
  "it is a TransformStream": () => {
    equal(new IdentityTransformStream() instanceof TransformStream, true);
    equal(IdentityTransformStream.name, "IdentityTransformStream");
  },
});
