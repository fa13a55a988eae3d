import { checks, equal } from "../../check.js";

export default checks({
  "frozen": () => equal([...Object.freeze(new Headers([["a", "1"], ["a", ""]]))], [["a", "1, "]]),
  "nothing of the iteration shows on them": () => {
    const headers = new Headers([["a", "1"]]);
    const before = Reflect.ownKeys(headers).length;
    equal([[...headers].length, Reflect.ownKeys(headers).length], [1, before]);
  },
});
