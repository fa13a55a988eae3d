import { checks, equal, throws } from "../../check.js";

const shout = () => new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()) });

export default checks({
  "a chain": async () => {
    const twice = new TransformStream({ transform: (chunk, c) => { c.enqueue(chunk); c.enqueue(chunk); } });
    equal(await Array.fromAsync(ReadableStream.from(["a", "b"]).pipeThrough(shout()).pipeThrough(twice)), ["A", "A", "B", "B"]);
  },
  "any object with the two sides will do": async () => {
    const { readable, writable } = shout();
    const result = ReadableStream.from(["x"]).pipeThrough({ readable, writable });
    equal(result === readable, true);
    equal(await Array.fromAsync(result), ["X"]);
  },
  "an error goes through the chain": async () => {
    const source = new ReadableStream({ start: (controller) => controller.error(new RangeError("first")) });
    await throws(() => Array.fromAsync(source.pipeThrough(shout()).pipeThrough(shout())), "RangeError");
  },
  "a used side is refused at once": async () => {
    const pair = shout();
    pair.writable.getWriter();
    await throws(() => ReadableStream.from([]).pipeThrough(pair), "TypeError");
  },
});
