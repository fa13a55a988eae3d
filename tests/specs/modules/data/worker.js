import { assert, checks, equal } from "../../check.js";
import bytes from "./bytes.bin";

export default checks({
  "an ArrayBuffer": () => {
    assert(bytes instanceof ArrayBuffer, "no ArrayBuffer");
    equal(bytes.byteLength, 6);
  },
  "bytes": () => equal([...new Uint8Array(bytes)], [0, 255, 128, 10, 13, 0]),
  "writable, and one for all imports": async () => {
    new Uint8Array(bytes)[5] = 7;
    const again = await import("./bytes.bin");
    equal(new Uint8Array(again.default)[5], 7);
    new Uint8Array(bytes)[5] = 0;
  },
});
