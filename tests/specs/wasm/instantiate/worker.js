import { checks, equal, throws } from "../../check.js";
import module from "./count.wasm";

export default checks({
  "with what it imports": async () => {
    const seen = [];
    const instance = await WebAssembly.instantiate(module, { env: { log: (value) => seen.push(value) } });
    equal(instance instanceof WebAssembly.Instance, true);
    instance.exports.count();
    instance.exports.count();
    equal(seen, [1, 2]);
  },
  "its memory can be read and written": async () => {
    const { exports } = await WebAssembly.instantiate(module, { env: { log() {} } });
    const words = new Uint32Array(exports.memory.buffer);
    equal([words.byteLength, words[0]], [65536, 0]);
    words[0] = 41;
    exports.count();
    equal(words[0], 42);
  },
  "an import that is missing is a LinkError, without an object a TypeError": async () => {
    await throws(() => WebAssembly.instantiate(module, { env: {} }), "LinkError");
    await throws(() => WebAssembly.instantiate(module), "TypeError");
  },
});
