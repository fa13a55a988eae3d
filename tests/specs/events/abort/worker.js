import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "abort": async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const seen = [];
    signal.onabort = (event) => seen.push(["on", event.type, event.isTrusted]);
    signal.addEventListener("abort", (event) => seen.push(["listener", event.target === signal]));
    equal([signal.aborted, signal.reason], [false, undefined]);
    equal(signal.throwIfAborted(), undefined);
    controller.abort();
    controller.abort("again");
    equal(seen, [["on", "abort", true], ["listener", true]]);
    assert(signal.reason instanceof DOMException && signal.reason.name === "AbortError", String(signal.reason));
    await throws(() => signal.throwIfAborted(), "AbortError");
    assert(controller.signal === signal, "another signal");
  },
  "reason": () => {
    const controller = new AbortController();
    controller.abort("enough");
    let thrown;
    try {
      controller.signal.throwIfAborted();
    } catch (error) {
      thrown = error;
    }
    equal([controller.signal.reason, thrown], ["enough", "enough"]);
  },
  "AbortSignal.abort": () => {
    const signal = AbortSignal.abort();
    equal([signal.aborted, signal.reason.name], [true, "AbortError"]);
    equal(AbortSignal.abort(7).reason, 7);
  },
  "no constructor": () => throws(() => new AbortSignal(), "TypeError"),
});
