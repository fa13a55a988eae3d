import { checks, equal, throws } from "../../check.js";

export default checks({
  "the source gets the reason": async () => {
    const reason = { why: "enough" };
    let got;
    const stream = new ReadableStream({ cancel: (r) => { got = r; return "ignored"; } });
    equal(await stream.cancel(reason), undefined);
    equal(got === reason, true);
  },
  "through a reader; the chunks in the queue are dropped": async () => {
    let cancelled = 0;
    const reader = new ReadableStream({
      start: (controller) => controller.enqueue("unread"),
      cancel: () => { cancelled++; },
    }).getReader();
    await reader.cancel();
    equal(await reader.read(), { value: undefined, done: true });
    equal(cancelled, 1);
  },
  "a locked stream refuses": async () => {
    const stream = new ReadableStream();
    stream.getReader();
    await throws(() => stream.cancel(), "TypeError");
  },
  "what cancel() of the source throws comes back": async () => {
    const stream = new ReadableStream({ cancel() { throw new RangeError("no"); } });
    await throws(() => stream.cancel(), "RangeError");
  },
});
