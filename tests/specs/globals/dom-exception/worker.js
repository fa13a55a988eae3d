import { assert, checks, equal } from "../../check.js";

export default checks({
  "made": () => {
    const error = new DOMException("enough", "AbortError");
    assert(error instanceof Error && error instanceof DOMException);
    equal([error.name, error.message, error.code, String(error)], ["AbortError", "enough", 20, "AbortError: enough"]);
    equal(typeof error.stack, "string");
    assert(error.stack.includes("worker.js"), error.stack);
  },
  "defaults": () => {
    const error = new DOMException();
    equal([error.name, error.message, error.code], ["Error", "", 0]);
  },
  "constants": () => {
    equal([DOMException.ABORT_ERR, DOMException.DATA_CLONE_ERR, new DOMException().TIMEOUT_ERR], [20, 25, 23]);
    equal(new DOMException("", "QuotaExceededError").name, "QuotaExceededError");
  },
});
