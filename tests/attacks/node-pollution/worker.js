// Takes all that Node's modules lean on, before and after they are loaded. The neighbour must notice nothing, and no native may be handed out.

import { attack } from "../attack.js";

const seen = [];

function watch(target) {
  for (const name of Reflect.ownKeys(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (typeof descriptor?.value === "function" && descriptor.configurable && name !== "constructor") {
      const original = descriptor.value;
      Object.defineProperty(target, name, {
        ...descriptor,
        value(...args) {
          seen.push(this, ...args);
          return Reflect.apply(original, this, args);
        },
      });
    }
  }
}

export default attack(async () => {
  const { apply } = Reflect;
  for (const target of [Array.prototype, Map.prototype, Set.prototype, String.prototype, Promise.prototype, RegExp.prototype, Uint8Array.prototype, Object.getPrototypeOf(Uint8Array.prototype)]) {
    watch(target);
  }
  const { default: util } = await import("node:util");
  const { default: stream } = await import("node:stream");
  const { Buffer } = await import("node:buffer");
  util.inspect({ a: [1, new Map([[1, 2]])] });
  Buffer.from("abc").toString("latin1");
  Buffer.compare(Buffer.from("a"), Buffer.from("b"));
  await stream.Readable.from(["a"]).toArray();
  for (const value of seen) {
    if (typeof value === "function" && /^op_/.test(value.name)) {
      return new Response(`holds ${value.name}`);
    }
  }
  return new Response("patched");
});
