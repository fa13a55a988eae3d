// What is changed in a file before it is taken: each `from` is there once.

export const PATCHES = {
  // What one request has in a Buffer must not be in the memory that another hands on: each has its own, as in Workers.
  "internal/buffer.mjs": [{ from: "Buffer.poolSize = 8 * 1024;", to: "Buffer.poolSize = 0;" }],
  // It needs no more of assert, which is made of fifty scripts.
  "path/_win32.ts": [
    {
      from: 'const { default: assert } = core.loadExtScript("ext:deno_node/assert.ts");',
      to: 'const assert = (holds) => { if (!holds) throw new TypeError("The path has no first part"); };',
    },
  ],
};
