import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "CustomEvent": () => {
    const detail = { depth: 12 };
    const event = new CustomEvent("sounding", { detail });
    assert(event.detail === detail && event instanceof Event);
    equal(new CustomEvent("sounding").detail, null);
  },
  "MessageEvent": () => {
    const event = new MessageEvent("message", { data: [1], origin: "https://example.com", lastEventId: "7" });
    equal([event.data, event.origin, event.lastEventId, event.ports], [[1], "https://example.com", "7", []]);
    equal(new MessageEvent("message").data, null);
  },
  "CloseEvent": () => {
    const event = new CloseEvent("close", { code: 4001, reason: "done", wasClean: true });
    equal([event.code, event.reason, event.wasClean], [4001, "done", true]);
    const plain = new CloseEvent("close");
    equal([plain.code, plain.reason, plain.wasClean], [0, "", false]);
  },
  "ErrorEvent": () => {
    const error = new Error("x");
    const event = new ErrorEvent("error", { error, message: "m", filename: "f", lineno: 1, colno: 2 });
    equal([event.error === error, event.message, event.filename, event.lineno, event.colno], [true, "m", "f", 1, 2]);
  },
  "PromiseRejectionEvent": async () => {
    const promise = Promise.resolve();
    const event = new PromiseRejectionEvent("unhandledrejection", { promise, reason: "r" });
    assert(event.promise === promise && event.reason === "r");
    await throws(() => new PromiseRejectionEvent("unhandledrejection"), "TypeError");
  },
  "ProgressEvent": () => {
    const event = new ProgressEvent("progress", { lengthComputable: true, loaded: 3, total: 5 });
    equal([event.lengthComputable, event.loaded, event.total], [true, 3, 5]);
  },
});
