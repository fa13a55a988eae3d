import { checks, equal } from "../../check.js";

export default checks({
  "it aborts with the same reason": () => {
    const controller = new AbortController();
    const request = new Request("https://example.com/", { signal: controller.signal });
    equal(request.signal.aborted, false);
    const reason = new Error("enough");
    controller.abort(reason);
    equal([request.signal.aborted, request.signal.reason === reason], [true, true]);
  },
  "a copy follows the original": () => {
    const controller = new AbortController();
    const copy = new Request(new Request("https://example.com/", { signal: controller.signal }));
    controller.abort();
    equal([copy.signal.aborted, copy.signal.reason.name], [true, "AbortError"]);
  },
  "an incoming request has a signal that has not aborted": (request) => {
    equal([request.signal instanceof AbortSignal, request.signal.aborted], [true, false]);
  },
});
