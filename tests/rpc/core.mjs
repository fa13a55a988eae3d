// `ext:core/mod.js` for Node.js: the primordials by their names, and the few functions of `core` that RPC uses.

import { types } from "node:util";

const uncurryThis = (fn) => fn.call.bind(fn);

function primordial(name) {
  if (name === "uncurryThis") {
    return uncurryThis;
  }
  if (name.startsWith("Safe")) {
    return globalThis[name.slice(4)];
  }
  if (name in globalThis) {
    return globalThis[name];
  }
  const at = Object.getOwnPropertyNames(globalThis).filter((global) => /^[A-Z]/.test(global) && name.startsWith(global))
    .concat("TypedArray").filter((global) => name.startsWith(global)).sort((a, b) => b.length - a.length)[0];
  const owner = at === "TypedArray" ? Object.getPrototypeOf(Uint8Array) : globalThis[at];
  let rest = name.slice(at.length);
  if (rest === "Prototype") {
    return owner.prototype;
  }
  if (rest.startsWith("Prototype")) {
    rest = rest.slice("Prototype".length);
    if (rest.startsWith("GetSymbol")) {
      return uncurryThis(Object.getOwnPropertyDescriptor(owner.prototype, Symbol.toStringTag).get);
    }
    const key = rest[0].toLowerCase() + rest.slice(1);
    if (typeof Object.getOwnPropertyDescriptor(owner.prototype, key)?.value === "function") {
      return uncurryThis(owner.prototype[key]);
    }
    const property = rest.slice(3);
    return uncurryThis(Object.getOwnPropertyDescriptor(owner.prototype, property[0].toLowerCase() + property.slice(1)).get);
  }
  const key = /^[A-Z]+_|^[A-Z]{2}/.test(rest) ? rest : rest[0].toLowerCase() + rest.slice(1);
  const value = owner[key];
  if (value === undefined) {
    throw new Error(`core.mjs has no primordial ${name}`);
  }
  return typeof value === "function" ? value.bind(owner) : value;
}

export const primordials = new Proxy({}, { get: (_, name) => primordial(name) });

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const core = {
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
  loadExtScript: () => globalThis,
  ...types,
  isBoxedPrimitive: types.isBoxedPrimitive,
};
