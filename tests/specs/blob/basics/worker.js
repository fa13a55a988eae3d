import { checks, equal, throws } from "../../check.js";

const make = () => new Blob(["é", new Uint8Array([98, 99]).subarray(1), new Uint8Array([100]).buffer, new Blob(["e"]), 5]);

export default checks({
  "size and text": async () => equal([make().size, await make().text()], [6, "écde5"]),
  "arrayBuffer and bytes": async () => {
    equal([...new Uint8Array(await make().arrayBuffer())], [195, 169, 99, 100, 101, 53]);
    equal([...(await make().bytes())], [195, 169, 99, 100, 101, 53]);
  },
  "it can be read more than once": async () => {
    const blob = make();
    equal(await blob.text(), await blob.text());
  },
  "empty": () => equal([new Blob().size, new Blob([]).type], [0, ""]),
  "parts must be a sequence": () => throws(() => new Blob("text"), "TypeError"),
});
