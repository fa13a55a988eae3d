import { Buffer } from "node:buffer";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "shrunk while an argument is converted": async () => {
    const memory = new ArrayBuffer(64, { maxByteLength: 64 });
    const bytes = Buffer.from(memory);
    const shrinking = { valueOf() { memory.resize(0); return 64; } };
    let text;
    try {
      text = bytes.toString("latin1", 0, shrinking);
    } catch (error) {
      text = "";
      assert(error instanceof Error);
    }
    equal(text, "");
  },
  "shrunk before": () => {
    const memory = new ArrayBuffer(64, { maxByteLength: 64 });
    const bytes = Buffer.from(memory, 32, 16);
    memory.resize(8);
    equal([bytes.length, bytes.toString("hex"), bytes.toString(), Buffer.compare(bytes, Buffer.alloc(0))], [0, "", "", 0]);
  },
  "moved away": () => {
    const bytes = Buffer.from(new ArrayBuffer(8));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    equal([bytes.length, bytes.toString("latin1"), bytes.indexOf("a"), bytes.equals(Buffer.alloc(0))], [0, "", -1, true]);
  },
  "moved away while it is filled": () => {
    const bytes = Buffer.from(new ArrayBuffer(8));
    const moving = { toString() { structuredClone(bytes.buffer, { transfer: [bytes.buffer] }); return "x"; } };
    try {
      bytes.fill(moving);
    } catch (error) {
      assert(error instanceof Error);
    }
    assert(bytes.length === 0 || bytes.length === 8);
  },
  "sizes that nobody has": async () => {
    for (const size of [-1, NaN, 2 ** 53, Infinity]) {
      equal((await throws(() => Buffer.alloc(size), "RangeError")).name, "RangeError");
    }
  },
});
