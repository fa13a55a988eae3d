import { checks, equal } from "../../check.js";

export default checks({
  "assert": () => {
    equal(console.assert(true, "not this"), undefined);
    console.assert(false);
    console.assert(0, "the anchor holds", 7);
    console.assert(false, { a: 1 });
    console.log("that was all");
  },
});
