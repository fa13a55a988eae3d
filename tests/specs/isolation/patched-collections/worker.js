import { answer, patch } from "./answers.js";

patch(Object.getPrototypeOf(new Map()[Symbol.iterator]()), "MapIterator.prototype", ["next"]);
patch(Object.getPrototypeOf(new Set()[Symbol.iterator]()), "SetIterator.prototype", ["next"]);
const methods = ["add", "clear", "delete", "entries", "forEach", "get", "has", "keys", "set", "values", Symbol.iterator];
patch(Map.prototype, "Map.prototype", methods);
patch(Set.prototype, "Set.prototype", methods);
patch(WeakMap.prototype, "WeakMap.prototype", methods);
patch(WeakSet.prototype, "WeakSet.prototype", methods);

export default { fetch: answer };
