import { checks, equal, throws } from "../../check.js";

function giving(chunk) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.close();
    },
  });
}

export default checks({
  "chunks of text are a TypeError": async () => {
    await throws(() => new Response(giving("text")).text(), "TypeError");
  },
  "bytes are not": async () => {
    equal(await new Response(giving(new Uint8Array([111, 107]))).text(), "ok");
  },
  "a stream that is locked or was read is no body": async () => {
    const locked = new ReadableStream();
    locked.getReader();
    await throws(() => new Response(locked), "TypeError");
    const read = ReadableStream.from([1]);
    const reader = read.getReader();
    await reader.read();
    reader.releaseLock();
    await throws(() => new Response(read), "TypeError");
  },
});
