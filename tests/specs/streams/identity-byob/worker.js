import { checks, equal } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

export default checks({
  "one write over several reads; it is done with the last": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader({ mode: "byob" });
    let written = false;
    writable.getWriter().write(new Uint8Array([1, 2, 3])).then(() => (written = true));
    equal((await reader.read(new Uint8Array(2))).value, new Uint8Array([1, 2]));
    await settle();
    equal(written, false);
    equal((await reader.read(new Uint8Array(2))).value, new Uint8Array([3]));
    await settle();
    equal(written, true);
  },
  "a read that waits is filled in place": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const read = readable.getReader({ mode: "byob" }).read(new Uint8Array(8));
    await settle();
    writable.getWriter().write(new Uint8Array([7, 8]));
    const { value } = await read;
    equal(value, new Uint8Array([7, 8]));
    equal(value.buffer.byteLength, 8);
  },
  "the end reaches a read that waits": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const read = readable.getReader({ mode: "byob" }).read(new Uint8Array(8));
    await settle();
    await writable.close();
    equal((await read).done, true);
  },
});
