import { checks } from "../../check.js";

export default checks({
  "format": () => {
    console.log("s: %s.", "Unst");
    console.log("d: %d %d.", "42", "x");
    console.log("i: %i.", 3.9);
    console.log("f: %f.", "1.5");
    console.log("O: %O.", { a: 1 });
    console.log("c: %c.", "color: red");
    console.log("percent: 100%% of it%s", "");
    console.log("spare: %s", "a", "b", 3);
    console.log("missing: %s");
    console.log("not first:", { a: 1 }, "%s", "x");
  },
});
