import { assert, checks, equal } from "../../check.js";
import bytes from "./bytes.bin";

export default checks({
  "an ArrayBuffer": () => {
    assert(bytes instanceof ArrayBuffer, "no ArrayBuffer");
    equal(bytes.byteLength, 6);
  },
  "bytes": () => equal([...new Uint8Array(bytes)], [0, 255, 128, 10, 13, 0]),
  "writable": () => {
    const view = new Uint8Array(bytes, 5);
    view[0] = 7;
    equal(new Uint8Array(bytes)[5], 7);
    view[0] = 0;
  },
});
