import { checks, equal } from "../../check.js";
import module from "./add.wasm";

export default checks({
  "the default export is a compiled module": () => {
    equal(module instanceof WebAssembly.Module, true);
    equal(WebAssembly.Module.exports(module), [{ name: "add", kind: "function" }]);
  },
  "new WebAssembly.Instance runs it": () => {
    const { add } = new WebAssembly.Instance(module).exports;
    equal(add(2, 40), 42);
    equal(add(2 ** 31 - 1, 1), -(2 ** 31));
  },
  "instances are their own": () => {
    const [a, b] = [new WebAssembly.Instance(module), new WebAssembly.Instance(module)];
    equal([a.exports.add(1, 1), b.exports.add(2, 2), a.exports.add === b.exports.add], [2, 4, false]);
  },
});
