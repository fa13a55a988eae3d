import { checks, equal, throws } from "../../check.js";

export default checks({
  "CountQueuingStrategy counts chunks": () => {
    const strategy = new CountQueuingStrategy({ highWaterMark: 3 });
    equal([strategy.highWaterMark, strategy.size("any")], [3, 1]);
    let left;
    new ReadableStream({ start(c) { c.enqueue(new Uint8Array(9)); left = c.desiredSize; } }, strategy);
    equal(left, 2);
  },
  "ByteLengthQueuingStrategy counts bytes": () => {
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 16 });
    equal([strategy.highWaterMark, strategy.size(new Uint8Array(5))], [16, 5]);
    let left;
    new ReadableStream({ start(c) { c.enqueue(new Uint8Array(5)); left = c.desiredSize; } }, strategy);
    equal(left, 11);
  },
  "marks below 0 and NaN are refused": async () => {
    await throws(() => new ReadableStream({}, { highWaterMark: -1 }), "RangeError");
    await throws(() => new WritableStream({}, { highWaterMark: NaN }), "RangeError");
    await throws(() => new CountQueuingStrategy({}), "TypeError");
  },
  "a size that is no size fails the stream": async () => {
    let thrown;
    const stream = new ReadableStream({
      async start(controller) {
        thrown = await throws(() => controller.enqueue("a"), "RangeError");
      },
    }, { size: () => -1 });
    await throws(() => stream.getReader().read(), "RangeError");
    equal(thrown.name, "RangeError");
  },
});
