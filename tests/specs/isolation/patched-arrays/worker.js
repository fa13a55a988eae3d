import { answer, patch } from "./answers.js";

const iterator = Object.getPrototypeOf([][Symbol.iterator]());
patch(iterator, "ArrayIterator.prototype", ["next"]);
patch(Array.prototype, "Array.prototype", [
  "at", "concat", "copyWithin", "entries", "every", "fill", "filter", "find", "flat", "flatMap", "forEach", "includes", "indexOf",
  "join", "keys", "map", "pop", "push", "reduce", "reverse", "shift", "slice", "some", "sort", "splice", "unshift", "values",
  Symbol.iterator,
]);
patch(Object.getPrototypeOf(Uint8Array.prototype), "TypedArray.prototype", ["set", "slice", "subarray", "fill", "values", "join"]);
patch(Array, "Array", ["from", "of", "isArray"]);

export default { fetch: answer };
