import { checks, equal, throws } from "../../check.js";

function open(strategy) {
  let controller;
  const stream = new ReadableStream({ type: "bytes", start: (c) => (controller = c) }, strategy);
  return { stream, controller };
}

export default checks({
  "a default reader gets a Uint8Array of the same bytes": async () => {
    const { stream, controller } = open();
    controller.enqueue(new Uint16Array([0x0201]));
    equal((await stream.getReader().read()).value, new Uint8Array([1, 2]));
  },
  "the buffer of an enqueued chunk is moved away": () => {
    const { controller } = open();
    const chunk = new Uint8Array([1, 2]);
    controller.enqueue(chunk);
    equal(chunk.byteLength, 0);
  },
  "no empty chunks, and nothing but views": async () => {
    const { controller } = open();
    await throws(() => controller.enqueue(new Uint8Array(0)), "TypeError");
    await throws(() => controller.enqueue("text"), "TypeError");
    await throws(() => controller.enqueue(new ArrayBuffer(1)), "TypeError");
  },
  "desiredSize counts bytes; the mark is 0 by default": () => {
    equal(open().controller.desiredSize, 0);
    const { controller } = open({ highWaterMark: 10 });
    controller.enqueue(new Uint8Array(4));
    equal(controller.desiredSize, 6);
  },
  "a size() function does not go with bytes": async () => {
    await throws(() => new ReadableStream({ type: "bytes" }, { size: () => 1 }), "RangeError");
  },
});
