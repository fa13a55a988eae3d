import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "timeout": async () => {
    const before = Date.now();
    const signal = AbortSignal.timeout(20);
    equal(signal.aborted, false);
    const event = await new Promise((resolve) => signal.addEventListener("abort", resolve));
    equal([event.type, signal.aborted], ["abort", true]);
    assert(signal.reason instanceof DOMException && signal.reason.name === "TimeoutError", String(signal.reason));
    assert(Date.now() - before >= 19, `${Date.now() - before} ms`);
  },
  "negative": () => throws(() => AbortSignal.timeout(-1), "TypeError"),
  "without an argument": () => throws(() => AbortSignal.timeout(), "TypeError"),
});
