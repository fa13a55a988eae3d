import { checks, equal } from "../../check.js";

const boom = new RangeError("boom");
const outcome = (promise) => promise.then(() => "fulfilled", (error) => error);

export default checks({
  "what transform() throws fails both sides": async () => {
    const { readable, writable } = new TransformStream({ transform() { throw boom; } });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const results = [writer.write(1), reader.read(), writer.closed, reader.closed].map(outcome);
    equal((await Promise.all(results)).map((result) => result === boom), [true, true, true, true]);
  },
  "controller.error() does as well": async () => {
    let controller;
    const { readable, writable } = new TransformStream({ start: (c) => { controller = c; } });
    controller.error(boom);
    equal(await outcome(readable.getReader().read()) === boom, true);
    equal(await outcome(writable.getWriter().closed) === boom, true);
  },
  "cancel() of the readable side calls the transformer's cancel() and fails the writable side": async () => {
    let reason;
    const { readable, writable } = new TransformStream({ cancel: (r) => { reason = r; } });
    const writer = writable.getWriter();
    await readable.cancel(boom);
    equal(reason === boom, true);
    equal(await outcome(writer.write(1)) === boom, true);
  },
  "so does abort() of the writable side; flush() is not called": async () => {
    const seen = [];
    const { readable, writable } = new TransformStream({ cancel: (r) => { seen.push(r); }, flush: () => { seen.push("flush"); } });
    await writable.abort(boom);
    equal(seen.length === 1 && seen[0] === boom, true);
    equal(await outcome(readable.getReader().read()) === boom, true);
  },
});
