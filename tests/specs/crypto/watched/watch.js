// Watches what comes by while `run` goes on, in every way that worker code has.

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { apply, ownKeys } = Reflect;
const promiseThen = Promise.prototype.then;

const methods = {};
for (const name of Object.getOwnPropertyNames(SubtleCrypto.prototype)) methods[name] = SubtleCrypto.prototype[name];

let seen = null;
let count = 0;

function see(value) {
  if (seen !== null) seen[count++] = value;
}

function seeAll(values) {
  for (let i = 0; i < values.length; i++) see(values[i]);
}

function watchMethods(object, names) {
  for (let i = 0; i < names.length; i++) {
    const descriptor = getOwnPropertyDescriptor(object, names[i]);
    const original = descriptor?.value;
    if (typeof original !== "function" || names[i] === "constructor") continue;
    defineProperty(object, names[i], {
      __proto__: null,
      ...descriptor,
      value: function () {
        see(this);
        seeAll(arguments);
        const result = apply(original, this, arguments);
        see(result);
        return result;
      },
    });
  }
}

/** What a promise comes to, seen without a trace. */
function follow(promise) {
  if (seen === null) return;
  const into = seen;
  seen = null; // `then` asks for the constructor.
  apply(promiseThen, promise, [(value) => { into[count++] = value; }, () => {}]);
  seen = into;
}

export function watch() {
  defineProperty(Object.prototype, "then", {
    __proto__: null,
    configurable: true,
    get() {
      see(this);
      return undefined;
    },
  });
  defineProperty(Promise.prototype, "then", {
    __proto__: null,
    configurable: true,
    value: function (fulfilled, rejected) {
      follow(this);
      see(fulfilled);
      return apply(promiseThen, this, [fulfilled, rejected]);
    },
  });
  const { constructor } = Promise.prototype;
  defineProperty(Promise.prototype, "constructor", {
    __proto__: null,
    configurable: true,
    get() {
      if (this !== Promise.prototype) follow(this);
      return constructor;
    },
  });
  watchMethods(Promise, ["resolve", "all", "allSettled", "race", "any", "withResolvers", "try"]);
  watchMethods(Function.prototype, ["call", "apply", "bind"]);
  watchMethods(Array.prototype, ownKeys(Array.prototype));
  watchMethods(getPrototypeOf([][Symbol.iterator]()), ["next"]);
  watchMethods(getPrototypeOf(Uint8Array.prototype), ownKeys(getPrototypeOf(Uint8Array.prototype)));
  watchMethods(ArrayBuffer.prototype, ["slice", "transfer", "resize"]);
  watchMethods(Map.prototype, ["get", "set"]);
  watchMethods(WeakMap.prototype, ["get", "set"]);
  watchMethods(Set.prototype, ["add", "has"]);
  watchMethods(JSON, ["parse", "stringify"]);
  watchMethods(String.prototype, ["toLowerCase", "toUpperCase", "charCodeAt"]);
  watchMethods(TextDecoder.prototype, ["decode"]);
  watchMethods(SubtleCrypto.prototype, ["exportKey", "importKey"]);
}

/** The result of a method of SubtleCrypto, and what else was seen that only the platform can have made. */
export async function watched(name, args) {
  const known = [];
  collect(args, known, 0);
  const all = seen = [];
  count = 0;
  const promise = apply(methods[name], crypto.subtle, args);
  const result = await promise;
  seen = null;
  const leaks = [];
  for (let i = 0; i < all.length; i++) {
    const leak = all[i] === result ? null : leakIn(all[i], known, 0);
    if (leak !== null) leaks[leaks.length] = leak;
  }
  return { result, leaks };
}

/** The caller's own objects. */
function collect(value, known, depth) {
  if (typeof value !== "object" || value === null || depth > 3) return;
  known[known.length] = value;
  if (ArrayBuffer.isView(value)) {
    known[known.length] = value.buffer;
    return;
  }
  const names = ownKeys(value);
  for (let i = 0; i < names.length; i++) collect(value[names[i]], known, depth + 1);
}

function isKnown(value, known) {
  for (let i = 0; i < known.length; i++) {
    if (known[i] === value) return true;
  }
  return false;
}

function leakIn(value, known, depth) {
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object" || value === null || depth > 3 || isKnown(value, known)) return null;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  if (value instanceof CryptoKey) return `a key (${value.extractable ? "extractable" : "not extractable"})`;
  const names = ownKeys(value);
  for (let i = 0; i < names.length; i++) {
    if (names[i] === "kty") return "a JSON key";
    const leak = leakIn(getOwnPropertyDescriptor(value, names[i])?.value, known, depth + 1);
    if (leak !== null) return leak;
  }
  return null;
}
