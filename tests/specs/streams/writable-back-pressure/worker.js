import { checks, equal } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

function slow(strategy) {
  const finish = [];
  const stream = new WritableStream({ write: () => new Promise((resolve) => finish.push(resolve)) }, strategy);
  return { writer: stream.getWriter(), finish };
}

export default checks({
  "desiredSize falls with each write and rises when one is done": async () => {
    const { writer, finish } = slow({ highWaterMark: 2 });
    equal(writer.desiredSize, 2);
    const write = writer.write("a");
    writer.write("b");
    writer.write("c");
    equal(writer.desiredSize, -1);
    await settle();
    finish[0]();
    await write;
    equal(writer.desiredSize, 0);
  },
  "ready waits until there is room": async () => {
    const { writer, finish } = slow({ highWaterMark: 1 });
    await writer.ready;
    writer.write("a");
    let room = false;
    writer.ready.then(() => (room = true));
    await settle();
    equal(room, false);
    finish[0]();
    await settle();
    equal(room, true);
  },
  "size() of the strategy weighs the chunks": () => {
    const { writer } = slow({ highWaterMark: 10, size: (chunk) => chunk.length });
    writer.write("seven..");
    equal(writer.desiredSize, 3);
  },
});
