import { checks, equal } from "../../check.js";

function explode() {
  throw new RangeError("out of a timer");
}

export default checks({
  "others go on": async () => {
    let reported;
    addEventListener("error", (event) => { reported = event.error; }, { once: true });
    await new Promise((resolve) => {
      setTimeout(explode, 1);
      setTimeout(resolve, 5);
    });
    equal(reported?.message, "out of a timer");
  },
});
