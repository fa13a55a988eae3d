import { checks, equal } from "../../check.js";

/** Calls `last` as deep in the stack as there is room, then less deep. */
function deep(last) {
  try {
    return deep(last);
  } catch {
    return last();
  }
}

export default checks({
  "stream": () => {
    for (let i = 0; i < 20; i++) {
      try {
        deep(() => process.getBuiltinModule("node:stream"));
      } catch {
        // For want of stack.
      }
    }
    const { PassThrough, Readable } = process.getBuiltinModule("node:stream");
    equal([typeof Readable.from, new PassThrough() instanceof Readable], ["function", true]);
  },
});
