import { checks, equal } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

export default checks({
  "by default a write is done once it is read": async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    let written = false;
    writer.write("a").then(() => (written = true));
    await settle();
    equal(written, false);
    equal((await readable.getReader().read()).value, "a");
    await settle();
    equal(written, true);
  },
  "the writable side takes one chunk": () => {
    const writer = new TransformStream().writable.getWriter();
    equal(writer.desiredSize, 1);
    writer.write("a");
    equal(writer.desiredSize, 0);
  },
  "the readable strategy lets chunks through ahead of the reader": async () => {
    const seen = [];
    const transform = (chunk, controller) => { seen.push(chunk); controller.enqueue(chunk); };
    const { writable } = new TransformStream({ transform }, undefined, { highWaterMark: 2 });
    const writer = writable.getWriter();
    for (const chunk of ["a", "b", "c", "d"]) writer.write(chunk);
    await settle();
    equal(seen, ["a", "b"]);
  },
});
