import { checks, equal, throws } from "../../check.js";

function bytes(...chunks) {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk));
      controller.close();
    },
  });
}

export default checks({
  "the buffer is moved: the old view is empty": async () => {
    const reader = bytes([1, 2, 3]).getReader({ mode: "byob" });
    const mine = new Uint8Array(8);
    const { value, done } = await reader.read(mine);
    equal(done, false);
    equal(value, new Uint8Array([1, 2, 3]));
    equal([mine.byteLength, value.buffer.byteLength], [0, 8]);
  },
  "a chunk longer than the buffer comes in parts, several chunks together": async () => {
    const reader = bytes([1, 2, 3], [4, 5]).getReader({ mode: "byob" });
    equal((await reader.read(new Uint8Array(2))).value, new Uint8Array([1, 2]));
    equal((await reader.read(new Uint8Array(9))).value, new Uint8Array([3, 4, 5]));
  },
  "the result has the type of the view and starts where it started": async () => {
    const reader = bytes([1, 0, 2, 0]).getReader({ mode: "byob" });
    const { value } = await reader.read(new Uint16Array(new ArrayBuffer(8), 2, 2));
    equal(value instanceof Uint16Array, true);
    equal([value.byteOffset, ...value], [2, 1, 2]);
  },
  "min makes a read wait for more": async () => {
    let controller;
    const stream = new ReadableStream({ type: "bytes", start: (c) => (controller = c) });
    const read = stream.getReader({ mode: "byob" }).read(new Uint8Array(4), { min: 3 });
    controller.enqueue(new Uint8Array([1]));
    controller.enqueue(new Uint8Array([2, 3]));
    equal((await read).value, new Uint8Array([1, 2, 3]));
  },
  "an empty view and a min above its length are refused": async () => {
    const reader = bytes([1]).getReader({ mode: "byob" });
    await throws(() => reader.read(new Uint8Array(0)), "TypeError");
    await throws(() => reader.read(new Uint8Array(2), { min: 0 }), "TypeError");
    await throws(() => reader.read(new Uint8Array(2), { min: 3 }), "RangeError");
  },
  "a stream that is not of bytes has no BYOB reader": async () => {
    await throws(() => new ReadableStream().getReader({ mode: "byob" }), "TypeError");
  },
});
