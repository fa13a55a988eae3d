import { checks, equal, throws } from "../../check.js";

export default checks({
  "the exact length goes through; a BigInt will do": async () => {
    for (const length of [5, 5n]) {
      const { readable, writable } = new FixedLengthStream(length);
      const writer = writable.getWriter();
      writer.write(new Uint8Array([1, 2]));
      writer.write(new Uint8Array([3, 4, 5]));
      const closed = writer.close();
      equal(new Uint8Array(await new Response(readable).arrayBuffer()), new Uint8Array([1, 2, 3, 4, 5]));
      await closed;
    }
  },
  "a byte too many is a TypeError at both ends": async () => {
    const { readable, writable } = new FixedLengthStream(3);
    const body = new Response(readable).arrayBuffer();
    body.catch(() => {});
    const writer = writable.getWriter();
    await writer.write(new Uint8Array(3));
    await throws(() => writer.write(new Uint8Array(1)), "TypeError");
    await throws(() => body, "TypeError");
  },
  "closing too early is a TypeError": async () => {
    const { readable, writable } = new FixedLengthStream(3);
    const body = new Response(readable).arrayBuffer();
    body.catch(() => {});
    const writer = writable.getWriter();
    await writer.write(new Uint8Array(2));
    await throws(() => writer.close(), "TypeError");
    await throws(() => body, "TypeError");
  },
  "it is an IdentityTransformStream, and needs a length": async () => {
    equal(new FixedLengthStream(1) instanceof IdentityTransformStream, true);
    await throws(() => new FixedLengthStream(), "TypeError");
  },
});
