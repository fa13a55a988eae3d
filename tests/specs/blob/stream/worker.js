import { checks, equal } from "../../check.js";

const big = () => new Blob(Array(64).fill("x".repeat(16384)));

export default checks({
  "all bytes": async () => {
    let size = 0;
    for await (const chunk of big().stream()) {
      equal(chunk instanceof Uint8Array, true);
      size += chunk.byteLength;
    }
    equal(size, 1048576);
  },
  "a new stream each time": async () => {
    const blob = new Blob(["a"]);
    equal(await new Response(blob.stream()).text() + await new Response(blob.stream()).text(), "aa");
  },
  "BYOB": async () => {
    const reader = new Blob(["abc"]).stream().getReader({ mode: "byob" });
    equal([...(await reader.read(new Uint8Array(2))).value], [97, 98]);
  },
});
