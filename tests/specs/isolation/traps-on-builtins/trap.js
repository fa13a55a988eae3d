const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const [startsWith, has, add] = [String.prototype.startsWith, Set.prototype.has, Set.prototype.add];

/** Whether a value belongs to the inside: an op, or an object by which ops can be reached. */
function isInside(value) {
  if (typeof value === "function") {
    const name = getOwnPropertyDescriptor(value, "name")?.value;
    return typeof name === "string" && apply(startsWith, name, ["op_"]);
  }
  if (typeof value === "object" && value !== null) {
    for (const name of ["ops", "loadExtScript", "registerErrorBuilder", "op_log", "op_respond", "op_fetch_start", "op_crypto_get_random_values"]) {
      if (getOwnPropertyDescriptor(value, name) !== undefined) {
        return true;
      }
    }
  }
  return false;
}

/** Replaces every builtin method by one that looks at its `this` and arguments, and then does what it always did. */
export function trap() {
  const caught = new Set();
  let watching = false;

  const look = (where, value) => {
    if (isInside(value) && !apply(has, caught, [where])) {
      apply(add, caught, [where]);
    }
  };

  const wrap = (object, label) => {
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (typeof descriptor.value !== "function" || !descriptor.configurable || key === "constructor" || key === Symbol.hasInstance) {
        continue;
      }
      const original = descriptor.value;
      const where = `${label}.${String(key)}`;
      const replacement = {
        method(...args) {
          if (watching) {
            watching = false;
            look(`${where}: this`, this);
            for (let i = 0; i < args.length; i++) {
              look(`${where}: argument ${i}`, args[i]);
            }
            watching = true;
          }
          return new.target === undefined ? apply(original, this, args) : construct(original, args);
        },
      }.method;
      defineProperty(object, key, { ...descriptor, value: replacement });
    }
  };

  const iterators = { Array: [][Symbol.iterator](), Map: new Map()[Symbol.iterator](), Set: new Set()[Symbol.iterator](), String: ""[Symbol.iterator]() };
  for (const [name, iterator] of Object.entries(iterators)) {
    wrap(Object.getPrototypeOf(iterator), `${name}Iterator.prototype`);
  }
  for (const name of ["Array", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Promise", "String", "RegExp", "Number", "Object", "Function", "ArrayBuffer", "Error", "Symbol", "BigInt", "Boolean", "DataView", "Date"]) {
    wrap(globalThis[name].prototype, `${name}.prototype`);
  }
  wrap(Object.getPrototypeOf(Uint8Array.prototype), "TypedArray.prototype");
  for (const name of ["Object", "Reflect", "JSON", "Array", "Promise", "Number", "Math", "Symbol"]) {
    wrap(globalThis[name], name);
  }

  return {
    begin() {
      watching = true;
    },
    end() {
      watching = false;
      return [...caught];
    },
  };
}
