import { checks, equal } from "../../check.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

function counted(strategy) {
  let pulls = 0;
  const stream = new ReadableStream({ pull: (controller) => controller.enqueue(++pulls) }, strategy);
  return { stream, pulls: () => pulls };
}

export default checks({
  "by default one chunk is made ahead": async () => {
    const { stream, pulls } = counted(undefined);
    await settle();
    equal(pulls(), 1);
    await stream.getReader().read();
    await settle();
    equal(pulls(), 2);
  },
  "with a mark of 0 nothing is made before it is asked for": async () => {
    const { stream, pulls } = counted({ highWaterMark: 0 });
    await settle();
    equal(pulls(), 0);
    equal((await stream.getReader().read()).value, 1);
    equal(pulls(), 1);
  },
  "a mark of 3 fills the queue with three": async () => {
    const { pulls } = counted({ highWaterMark: 3 });
    await settle();
    equal(pulls(), 3);
  },
  "the next pull waits for the promise of the last": async () => {
    let pulls = 0;
    let go;
    const stream = new ReadableStream({
      pull(controller) {
        pulls++;
        controller.enqueue(pulls);
        return new Promise((resolve) => (go = resolve));
      },
    }, { highWaterMark: 2 });
    await settle();
    equal(pulls, 1);
    go();
    await settle();
    equal(pulls, 2);
    equal(stream.locked, false);
  },
  "desiredSize is what is left below the mark": () => {
    let controller;
    new ReadableStream({ start: (c) => (controller = c) }, { highWaterMark: 2 });
    equal(controller.desiredSize, 2);
    controller.enqueue("a");
    controller.enqueue("b");
    controller.enqueue("c");
    equal(controller.desiredSize, -1);
  },
});
