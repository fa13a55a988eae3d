import { checks, equal, throws } from "../../check.js";

export default checks({
  "a buffer is moved, not copied": () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { buffer } = bytes;
    const moved = structuredClone({ inner: buffer }, { transfer: [buffer] });
    equal(new Uint8Array(moved.inner), new Uint8Array([1, 2, 3]));
    equal([buffer.byteLength, buffer.detached, bytes.length], [0, true, 0]);
  },
  "a view on it comes along": () => {
    const view = new Uint8Array(new Uint8Array([1, 2, 3]).buffer, 1);
    const moved = structuredClone(view, { transfer: [view.buffer] });
    equal([...moved], [2, 3]);
    equal([moved.byteOffset, view.length], [1, 0]);
  },
  "what does not move, or did before, is a DataCloneError": async () => {
    await throws(() => structuredClone(1, { transfer: [{}] }), "DataCloneError");
    const buffer = new ArrayBuffer(4);
    structuredClone(1, { transfer: [buffer] });
    equal(buffer.detached, true);
    await throws(() => structuredClone(1, { transfer: [buffer] }), "DataCloneError");
  },
});
