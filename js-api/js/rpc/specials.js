// The things in a value that no structured clone can carry, and how the clone marks their places.
//
// A payload is what of a value can go to another isolate: the bytes of a clone, and `specials`. Most values have none, and are
// cloned as they are. In others each special is replaced by a text: MARK and its index; a text of the value itself that begins with
// MARK gets ESCAPE before it. So nothing in a value can pass for a special.

// Kinds, as they stand in messages.
const REF = 0;
const PROMISE = 1;
const READABLE = 2;
const WRITABLE = 3;
const ERROR = 4;
const HTTP = 5;
const SIGNAL = 6;

const MARK = "\u0000rpc:";
const ESCAPE = "\u0000rpc:=";

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

export { ERROR, ESCAPE, HTTP, isObject, MARK, PROMISE, READABLE, REF, SIGNAL, WRITABLE };
