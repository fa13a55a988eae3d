import { assert, checks, equal } from "../../check.js";

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
