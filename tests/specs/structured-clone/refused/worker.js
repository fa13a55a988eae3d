import { checks, equal, throws } from "../../check.js";

async function refused(value) {
  const error = await throws(() => structuredClone(value), "DataCloneError");
  equal([error instanceof DOMException, error.code], [true, 25]);
}

export default checks({
  "functions and symbols, however deep": async () => {
    await refused(() => {});
    await refused(Symbol("s"));
    await refused({ deep: [{ method() {} }] });
    await refused(new Map([["key", Symbol.iterator]]));
  },
  "weak collections and promises": async () => {
    for (const value of [new WeakMap(), new WeakSet(), new WeakRef({}), Promise.resolve(1)]) await refused(value);
  },
  "what a getter throws comes through": async () => {
    await throws(() => structuredClone({ get bad() { throw new RangeError("mine"); } }), "RangeError");
  },
  "an argument is needed": () => throws(() => structuredClone(), "TypeError"),
});
