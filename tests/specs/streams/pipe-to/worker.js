import { checks, equal, throws } from "../../check.js";

function sink() {
  const seen = [];
  const stream = new WritableStream({ write: (chunk) => { seen.push(chunk); }, close: () => { seen.push("closed"); } });
  return { seen, stream };
}

export default checks({
  "every chunk, then the close": async () => {
    const { seen, stream } = sink();
    equal(await ReadableStream.from(["a", "b"]).pipeTo(stream), undefined);
    equal(seen, ["a", "b", "closed"]);
  },
  "preventClose leaves the destination open for more": async () => {
    const { seen, stream } = sink();
    await ReadableStream.from(["a"]).pipeTo(stream, { preventClose: true });
    await ReadableStream.from(["b"]).pipeTo(stream);
    equal(seen, ["a", "b", "closed"]);
  },
  "both ends are locked meanwhile and free afterwards": async () => {
    const source = ReadableStream.from([1]);
    const { stream } = sink();
    const done = source.pipeTo(stream);
    equal([source.locked, stream.locked], [true, true]);
    await done;
    equal([source.locked, stream.locked], [false, false]);
  },
  "a destination without room is not fed": async () => {
    let pulls = 0;
    const source = new ReadableStream({ pull: (c) => c.enqueue(++pulls) }, { highWaterMark: 0 });
    const stuck = new WritableStream({ write: () => new Promise(() => {}) }, { highWaterMark: 1 });
    const pipe = source.pipeTo(stuck);
    pipe.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    equal(pulls, 1);
  },
  "a locked destination is refused": async () => {
    const { stream } = sink();
    stream.getWriter();
    await throws(() => ReadableStream.from([]).pipeTo(stream), "TypeError");
  },
});
