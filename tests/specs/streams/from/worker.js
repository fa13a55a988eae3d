import { checks, equal, throws } from "../../check.js";

export default checks({
  "arrays, with promises awaited, sets, and streams": async () => {
    equal(await Array.fromAsync(ReadableStream.from([1, Promise.resolve(2)])), [1, 2]);
    equal(await Array.fromAsync(ReadableStream.from(new Set(["a", "b"]))), ["a", "b"]);
    equal(await Array.fromAsync(ReadableStream.from(ReadableStream.from(["c"]))), ["c"]);
  },
  "async generators are run only as they are read": async () => {
    let steps = 0;
    const stream = ReadableStream.from((async function* () {
      while (true) yield ++steps;
    })());
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(steps, 0);
    equal((await stream.getReader().read()).value, 1);
  },
  "cancel() returns the iterator": async () => {
    let returned;
    const iterator = {
      next: async () => ({ value: 1, done: false }),
      return: async (reason) => { returned = reason; return {}; },
      [Symbol.asyncIterator]() { return this; },
    };
    await ReadableStream.from(iterator).cancel("enough");
    equal(returned, "enough");
  },
  "what the iterator throws fails the stream": async () => {
    const stream = ReadableStream.from((function* () { yield 1; throw new RangeError("boom"); })());
    const reader = stream.getReader();
    equal((await reader.read()).value, 1);
    await throws(() => reader.read(), "RangeError");
  },
  "what cannot be iterated is refused": async () => {
    await throws(() => ReadableStream.from({}), "TypeError");
    await throws(() => ReadableStream.from(1), "TypeError");
  },
});
