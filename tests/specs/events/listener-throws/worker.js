import { checks, equal } from "../../check.js";

export default checks({
  "others run": () => {
    const target = new EventTarget();
    const seen = [];
    target.addEventListener("tide", () => {
      throw new RangeError("from a listener");
    });
    target.addEventListener("tide", () => seen.push("second"));
    let reported;
    addEventListener("error", (event) => { reported = event.error; }, { once: true });
    equal(target.dispatchEvent(new Event("tide")), true);
    equal(seen, ["second"]);
    equal(reported?.message, "from a listener");
  },
});
