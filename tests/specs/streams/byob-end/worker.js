import { checks, equal } from "../../check.js";

export default checks({
  "a closed stream gives an empty view on the reader's buffer": async () => {
    const stream = new ReadableStream({ type: "bytes", start: (controller) => controller.close() });
    const { value, done } = await stream.getReader({ mode: "byob" }).read(new Uint8Array(6));
    equal(done, true);
    equal([value.byteLength, value.buffer.byteLength], [0, 6]);
  },
  "close() while a read waits needs respond(0)": async () => {
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        controller.close();
        controller.byobRequest.respond(0);
      },
    });
    const { value, done } = await stream.getReader({ mode: "byob" }).read(new Uint8Array(6));
    equal(done, true);
    equal([value.byteLength, value.buffer.byteLength], [0, 6]);
  },
  "a cancelled stream gives no view": async () => {
    const reader = new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(6));
    await reader.cancel();
    equal(await read, { value: undefined, done: true });
  },
  "with min, the end gives what there is": async () => {
    let controller;
    const stream = new ReadableStream({ type: "bytes", start: (c) => (controller = c) });
    const reader = stream.getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(4), { min: 4 });
    controller.enqueue(new Uint8Array([7]));
    controller.close();
    controller.byobRequest.respond(0);
    equal((await read).value, new Uint8Array([7]));
    equal((await reader.read(new Uint8Array(4))).done, true);
  },
});
