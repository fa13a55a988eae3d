import { checks, equal } from "../../check.js";

export default checks({
  "start, transform and flush may each enqueue any number of chunks": async () => {
    const stream = new TransformStream({
      start: (controller) => controller.enqueue("<"),
      transform(chunk, controller) {
        if (chunk !== "skip") {
          controller.enqueue(chunk);
          controller.enqueue(chunk);
        }
      },
      flush: (controller) => controller.enqueue(">"),
    });
    equal(await Array.fromAsync(ReadableStream.from(["a", "skip", "b"]).pipeThrough(stream)), ["<", "a", "a", "b", "b", ">"]);
  },
  "an asynchronous transform keeps the order": async () => {
    const stream = new TransformStream({
      async transform(wait, controller) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        controller.enqueue(`after ${wait}`);
      },
    });
    equal(await Array.fromAsync(ReadableStream.from([8, 0, 2]).pipeThrough(stream)), ["after 8", "after 0", "after 2"]);
  },
  "terminate() closes the readable side and fails the writable one": async () => {
    const stream = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(`last: ${chunk}`);
        controller.terminate();
      },
    });
    const writer = stream.writable.getWriter();
    const read = Array.fromAsync(stream.readable);
    writer.write("a").catch(() => {});
    equal(await read, ["last: a"]);
    equal((await writer.write("b").catch((error) => error)).name, "TypeError");
  },
});
