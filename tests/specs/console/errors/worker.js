import { checks } from "../../check.js";

function ebb() {
  return Object.assign(new RangeError("the tide is out", { cause: new TypeError("the moon") }), { code: "E_TIDE" });
}

export default checks({
  "errors": () => {
    console.error("failed:", ebb());
    console.error(new AggregateError([new Error("one"), new Error("two")], "both"));
  },
});
