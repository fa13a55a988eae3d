import { checks, equal, throws } from "../../check.js";

const boom = new RangeError("boom");

export default checks({
  "a write that throws fails the stream for good": async () => {
    const writer = new WritableStream({ write() { throw boom; } }).getWriter();
    const writes = [writer.write(1), writer.write(2), writer.closed].map((p) => p.catch((error) => error));
    equal((await Promise.all(writes)).every((error) => error === boom), true);
    await throws(() => writer.ready, "RangeError");
    equal(writer.desiredSize, null);
  },
  "abort() drops what waits and tells the sink and its signal": async () => {
    let signal;
    const seen = [];
    const writer = new WritableStream({
      start: (controller) => { signal = controller.signal; },
      write: (chunk) => { seen.push(chunk); },
      abort: (reason) => { seen.push(reason); },
    }).getWriter();
    await writer.write("a");
    equal(await writer.abort(boom), undefined);
    equal(seen.length === 2 && seen[1] === boom, true);
    equal(signal.aborted && signal.reason === boom, true);
    equal(await writer.write("b").catch((error) => error) === boom, true);
  },
  "the controller can fail the stream": async () => {
    let controller;
    const writer = new WritableStream({ start: (c) => { controller = c; } }).getWriter();
    controller.error(boom);
    equal(await writer.closed.catch((error) => error) === boom, true);
  },
  "a locked stream cannot be aborted or closed past its writer": async () => {
    const stream = new WritableStream();
    stream.getWriter();
    await throws(() => stream.abort(), "TypeError");
    await throws(() => stream.close(), "TypeError");
  },
});
