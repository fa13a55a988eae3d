import { checks, equal, throws } from "../../check.js";

export default checks({
  "write() waits for the one before, close() for all": async () => {
    const seen = [];
    const writer = new WritableStream({
      async write(chunk) {
        seen.push(`${chunk} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(`${chunk} ends`);
      },
      close: () => { seen.push("close"); },
    }).getWriter();
    writer.write("a");
    writer.write("b");
    await writer.close();
    await writer.closed;
    equal(seen, ["a begins", "a ends", "b begins", "b ends", "close"]);
  },
  "after close() nothing is taken": async () => {
    const seen = [];
    const writer = new WritableStream({ write: (chunk) => { seen.push(chunk); } }).getWriter();
    await writer.write("a");
    await writer.close();
    await throws(() => writer.write("b"), "TypeError");
    await throws(() => writer.close(), "TypeError");
    equal(seen, ["a"]);
  },
  "one writer at a time; a released one is useless": async () => {
    const seen = [];
    const stream = new WritableStream({ write: (chunk) => { seen.push(chunk); } });
    const writer = stream.getWriter();
    await throws(() => stream.getWriter(), "TypeError");
    writer.releaseLock();
    await throws(() => writer.write("x"), "TypeError");
    await stream.getWriter().write("y");
    equal(seen, ["y"]);
  },
});
