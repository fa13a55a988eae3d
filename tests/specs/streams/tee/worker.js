import { checks, equal } from "../../check.js";

const all = (stream) => Array.fromAsync(stream);

export default checks({
  "both branches see every chunk, each at its own pace": async () => {
    const [left, right] = ReadableStream.from(["a", "b", "c"]).tee();
    equal(await all(left), ["a", "b", "c"]);
    equal(await all(right), ["a", "b", "c"]);
  },
  "the source is cancelled by the second cancel, with both reasons": async () => {
    let reasons;
    const [left, right] = new ReadableStream({ cancel: (r) => { reasons = r; } }).tee();
    const first = left.cancel("one");
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(reasons, undefined);
    await Promise.all([first, right.cancel("two")]);
    equal(reasons, ["one", "two"]);
  },
  "one branch goes on after the other is cancelled": async () => {
    const [left, right] = ReadableStream.from([1, 2]).tee();
    left.cancel();
    equal(await all(right), [1, 2]);
  },
  "the branches of a byte stream are byte streams with bytes of their own": async () => {
    const [left, right] = new ReadableStream({
      type: "bytes",
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2]));
        controller.close();
      },
    }).tee();
    const { value } = await left.getReader({ mode: "byob" }).read(new Uint8Array(2));
    equal(value, new Uint8Array([1, 2]));
    value.fill(9);
    equal((await right.getReader({ mode: "byob" }).read(new Uint8Array(2))).value, new Uint8Array([1, 2]));
  },
});
