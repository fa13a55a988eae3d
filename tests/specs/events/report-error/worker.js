import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "listener": () => {
    let seen;
    addEventListener("error", (event) => {
      seen = event;
      event.preventDefault();
    }, { once: true });
    const error = new TypeError("kept quiet");
    equal(reportError(error), undefined);
    assert(seen instanceof ErrorEvent && seen.error === error, "another event or error");
    assert(seen.message.includes("kept quiet"), seen.message);
    equal(seen.cancelable, true);
  },
  "any value": () => {
    let seen;
    addEventListener("error", (event) => {
      seen = event.error;
      event.preventDefault();
    }, { once: true });
    reportError("a string");
    equal(seen, "a string");
  },
  "onerror gets five arguments, and true cancels": () => {
    let seen;
    globalThis.onerror = (...args) => {
      seen = args;
      return true;
    };
    const error = new Error("by attribute");
    reportError(error);
    globalThis.onerror = null;
    equal(seen?.length, 5);
    equal([typeof seen[0], typeof seen[1], typeof seen[2], typeof seen[3]], ["string", "string", "number", "number"]);
    assert(seen[4] === error, "another error");
  },
  "without an argument": () => throws(() => reportError(), "TypeError"),
  "the log": () => {
    let seen = false;
    addEventListener("error", () => { seen = true; }, { once: true });
    reportError(new RangeError("left to the log"));
    equal(seen, true);
  },
});
