import { assert, checks, equal, throws } from "../../check.js";
import add from "./add.wasm";
import same from "./add.wasm?module";

// The smallest module there is: magic number and version.
const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

export default checks({
  "a module": () => {
    assert(add instanceof WebAssembly.Module, "no WebAssembly.Module");
    assert(same instanceof WebAssembly.Module, "no WebAssembly.Module with ?module");
    equal(WebAssembly.Module.exports(add), [{ name: "add", kind: "function" }]);
  },
  "runs": () => equal(new WebAssembly.Instance(add).exports.add(40, 2), 42),
  "instantiate() of a module": async () => equal((await WebAssembly.instantiate(add, {})).exports.add(-1, 1), 0),
  "compiling is refused": async () => {
    await throws(() => new WebAssembly.Module(empty), "CompileError");
    await throws(() => WebAssembly.compile(empty), "CompileError");
    await throws(() => WebAssembly.instantiate(empty), "CompileError");
  },
});
