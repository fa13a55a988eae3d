import { checks, equal, throws } from "../../check.js";

export default checks({
  "chunks of any kind come in order, then the end": async () => {
    const chunk = { any: "object" };
    const reader = new ReadableStream({
      start(controller) {
        controller.enqueue("text");
        controller.enqueue(chunk);
        controller.enqueue(undefined);
        controller.close();
      },
    }).getReader();
    equal(await reader.read(), { value: "text", done: false });
    equal((await reader.read()).value === chunk, true);
    equal(await reader.read(), { value: undefined, done: false });
    equal(await reader.read(), { value: undefined, done: true });
    equal(await reader.closed, undefined);
  },
  "reads that wait are answered in order": async () => {
    let controller;
    const reader = new ReadableStream({ start: (c) => (controller = c) }).getReader();
    const reads = [reader.read(), reader.read()];
    controller.enqueue(1);
    controller.enqueue(2);
    equal((await Promise.all(reads)).map((read) => read.value), [1, 2]);
  },
  "an error drops the queue and rejects every read with that very value": async () => {
    const reason = new RangeError("broken");
    let controller;
    const reader = new ReadableStream({ start: (c) => (controller = c) }).getReader();
    controller.enqueue("lost");
    controller.error(reason);
    equal((await throws(() => reader.read(), "RangeError")) === reason, true);
    equal((await throws(() => reader.closed)) === reason, true);
  },
  "an exception in start() comes out of the constructor": async () => {
    const reason = new EvalError("at once");
    const thrown = await throws(() => new ReadableStream({ start() { throw reason; } }));
    equal(thrown === reason, true);
  },
});
