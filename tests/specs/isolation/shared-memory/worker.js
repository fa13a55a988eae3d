import { assert, checks, equal, throws } from "../../check.js";
import shared from "./shared.wasm"; // (memory (export "m") 1 1 shared)

const kind = (value) => Object.prototype.toString.call(value);

export default checks({
  "by name": () => equal([typeof SharedArrayBuffer, "SharedArrayBuffer" in globalThis], ["undefined", false]),
  "by WebAssembly": () => {
    let memory;
    try {
      memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    } catch {
      return;
    }
    assert(kind(memory.buffer) !== "[object SharedArrayBuffer]", "WebAssembly.Memory gives shared memory");
  },
  "by a module of WebAssembly": async () => {
    const { m } = new WebAssembly.Instance(shared).exports;
    await throws(() => m.buffer, "TypeError");
    await throws(() => m.toFixedLengthBuffer(), "TypeError");
    await throws(() => m.toResizableBuffer(), "TypeError");
  },
  "other memories work": () => {
    class Own extends WebAssembly.Memory {}
    const memory = new Own({ initial: 1, maximum: 2 });
    equal([memory instanceof Own, kind(memory.buffer), memory.grow(1), memory.buffer.byteLength], [true, "[object ArrayBuffer]", 1, 131072]);
    equal([kind(memory), WebAssembly.Memory.prototype.constructor], ["[object WebAssembly.Memory]", WebAssembly.Memory]);
  },
  "Atomics.wait": () => {
    let outcome;
    try {
      outcome = Atomics.wait(new Int32Array(new ArrayBuffer(4)), 0, 0, 1);
    } catch (error) {
      outcome = error.name;
    }
    equal(outcome, "TypeError");
  },
});
