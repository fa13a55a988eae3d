import module from "./count.wasm";

let last = 0;
const { exports } = new WebAssembly.Instance(module, { env: { log: (value) => { last = value; } } });

export default {
  fetch() {
    exports.count();
    return new Response(`${last}`);
  },
};
