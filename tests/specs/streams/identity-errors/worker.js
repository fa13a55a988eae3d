import { checks, equal, throws } from "../../check.js";

const boom = new RangeError("boom");

export default checks({
  "abort() of the writable side fails the reads": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const read = readable.getReader().read();
    await writable.abort(boom);
    await throws(() => read, "RangeError");
  },
  "cancel() of the readable side fails the write that waits and the next": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const write = writer.write(new Uint8Array([1]));
    write.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 1));
    await readable.cancel(boom);
    await throws(() => write, "RangeError");
    await throws(() => writer.write(new Uint8Array([2])), "RangeError");
  },
  "abort() does not wait for a write that nobody reads": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const write = writer.write(new Uint8Array([1]));
    write.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 1));
    const late = new Promise((resolve) => setTimeout(resolve, 200, "late"));
    equal(await Promise.race([writer.abort(boom), late]), undefined);
    await throws(() => write, "RangeError");
    await throws(() => readable.getReader().read(), "RangeError");
  },
});
