import { checks, equal, throws } from "../../check.js";

// The smallest module that there is.
const bytes = () => new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

export default checks({
  "WebAssembly.compile()": () => throws(() => WebAssembly.compile(bytes()), "CompileError"),
  "WebAssembly.instantiate()": () => throws(() => WebAssembly.instantiate(bytes()), "CompileError"),
  "new WebAssembly.Module()": () => throws(() => new WebAssembly.Module(bytes()), "CompileError"),
  "the error says so": async () => {
    const { message } = await throws(() => WebAssembly.compile(bytes()), "CompileError");
    equal(message.includes("disallowed by embedder"), true);
  },
});
