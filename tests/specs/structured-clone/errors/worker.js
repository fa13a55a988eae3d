import { checks, equal } from "../../check.js";

export default checks({
  "the kinds of the language stay what they are": () => {
    for (const Kind of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const copy = structuredClone(new Kind("why"));
      equal([copy instanceof Kind, copy.name, copy.message], [true, Kind.name, "why"]);
    }
  },
  "other names become Error": () => {
    const copy = structuredClone(Object.assign(new RangeError("why"), { name: "MyError" }));
    equal([Object.getPrototypeOf(copy) === Error.prototype, copy.name, copy.message], [true, "Error", "why"]);
  },
  "the cause comes along": () => {
    const copy = structuredClone(new Error("outer", { cause: new TypeError("inner") }));
    equal([copy.cause instanceof TypeError, copy.cause.message], [true, "inner"]);
  },
  "a DOMException too": () => {
    const copy = structuredClone(new DOMException("why", "DataCloneError"));
    equal([copy instanceof DOMException, copy.name, copy.message, copy.code], [true, "DataCloneError", "why", 25]);
  },
});
