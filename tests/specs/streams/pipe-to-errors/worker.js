import { checks, equal, throws } from "../../check.js";

const boom = new RangeError("boom");
const broken = () => new ReadableStream({ start: (controller) => controller.error(boom) });

export default checks({
  "an error of the source aborts the destination": async () => {
    let reason;
    const to = new WritableStream({ abort: (r) => { reason = r; } });
    equal((await throws(() => broken().pipeTo(to))) === boom, true);
    equal(reason === boom, true);
  },
  "preventAbort leaves it writable": async () => {
    const seen = [];
    const to = new WritableStream({ write: (chunk) => { seen.push(chunk); }, abort: () => { seen.push("aborted"); } });
    await throws(() => broken().pipeTo(to, { preventAbort: true }), "RangeError");
    await to.getWriter().write("still");
    equal(seen, ["still"]);
  },
  "an error of the destination cancels the source": async () => {
    let reason;
    const from = new ReadableStream({ pull: (c) => c.enqueue(1), cancel: (r) => { reason = r; } });
    await throws(() => from.pipeTo(new WritableStream({ write() { throw boom; } })), "RangeError");
    equal(reason === boom, true);
  },
  "preventCancel leaves it readable": async () => {
    let count = 0;
    let cancelled = false;
    const from = new ReadableStream({ pull: (c) => c.enqueue(++count), cancel: () => { cancelled = true; } });
    await throws(() => from.pipeTo(new WritableStream({ write() { throw boom; } }), { preventCancel: true }), "RangeError");
    equal(cancelled, false);
    equal((await from.getReader().read()).done, false);
  },
  "a destination that is closed already cancels the source with a TypeError": async () => {
    let reason;
    const to = new WritableStream();
    await to.close();
    const from = new ReadableStream({ cancel: (r) => { reason = r; } });
    await throws(() => from.pipeTo(to), "TypeError");
    equal(reason.name, "TypeError");
  },
});
