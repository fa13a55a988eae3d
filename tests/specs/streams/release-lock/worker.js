import { checks, equal, throws } from "../../check.js";

const endless = () => new ReadableStream({ pull() {} });

export default checks({
  "a locked stream gives no second reader": async () => {
    const stream = endless();
    equal(stream.locked, false);
    stream.getReader();
    equal(stream.locked, true);
    await throws(() => stream.getReader(), "TypeError");
    await throws(() => stream.tee(), "TypeError");
    await throws(() => stream.pipeTo(new WritableStream()), "TypeError");
  },
  "releasing rejects the reads that wait and unlocks": async () => {
    const stream = endless();
    const reader = stream.getReader();
    const waiting = reader.read();
    reader.releaseLock();
    await throws(() => waiting, "TypeError");
    await throws(() => reader.read(), "TypeError");
    await throws(() => reader.closed, "TypeError");
    equal(stream.locked, false);
  },
  "the next reader goes on where the last one stopped": async () => {
    const stream = ReadableStream.from([1, 2, 3]);
    const first = stream.getReader();
    equal((await first.read()).value, 1);
    first.releaseLock();
    equal((await stream.getReader().read()).value, 2);
  },
});
