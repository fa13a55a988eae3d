import { checks, equal, throws } from "../../check.js";

export default checks({
  "controllers and requests have no constructor": async () => {
    const names = [
      "ReadableStreamDefaultController",
      "ReadableByteStreamController",
      "ReadableStreamBYOBRequest",
      "WritableStreamDefaultController",
      "TransformStreamDefaultController",
    ];
    for (const name of names) await throws(() => new globalThis[name](), "TypeError");
  },
  "readers and writers have": async () => {
    const readable = ReadableStream.from(["a"]);
    equal((await new ReadableStreamDefaultReader(readable).read()).value, "a");
    await throws(() => new ReadableStreamDefaultReader(readable), "TypeError");
    await throws(() => new ReadableStreamBYOBReader(new ReadableStream()), "TypeError");
    const writable = new WritableStream();
    new WritableStreamDefaultWriter(writable);
    equal(writable.locked, true);
  },
  "types that do not exist and members that are no functions are refused": async () => {
    await throws(() => new ReadableStream({ type: "text" }), "TypeError");
    await throws(() => new ReadableStream({ pull: 1 }), "TypeError");
    await throws(() => new ReadableStream(null), "TypeError");
    await throws(() => new WritableStream({ type: "bytes" }), "RangeError");
    await throws(() => new TransformStream({ readableType: "bytes" }), "RangeError");
  },
});
