import { checks, equal, throws } from "../../check.js";

function counting() {
  const seen = { next: 0, cancelled: false };
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(++seen.next),
    cancel: (reason) => { seen.cancelled = [reason]; },
  }, { highWaterMark: 0 });
  return { seen, stream };
}

export default checks({
  "for await sees every chunk and unlocks at the end": async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue("a");
        controller.enqueue("b");
        controller.close();
      },
    });
    const seen = [];
    for await (const chunk of stream) seen.push(chunk);
    equal(seen, ["a", "b"]);
    equal(stream.locked, false);
  },
  "break cancels the source": async () => {
    const { seen, stream } = counting();
    for await (const chunk of stream) if (chunk === 2) break;
    equal(seen, { next: 2, cancelled: [undefined] });
    equal(stream.locked, false);
  },
  "with preventCancel the rest can still be read": async () => {
    const { seen, stream } = counting();
    for await (const chunk of stream.values({ preventCancel: true })) if (chunk === 2) break;
    equal(seen.cancelled, false);
    equal((await stream.getReader().read()).value, 3);
  },
  "an error of the stream is thrown in the loop": async () => {
    const stream = new ReadableStream({ pull() { throw new RangeError("boom"); } });
    await throws(async () => { for await (const chunk of stream) throw new Error(`got ${chunk}`); }, "RangeError");
  },
});
