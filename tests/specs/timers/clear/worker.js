import { checks, equal } from "../../check.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export default checks({
  "before it fires": async () => {
    let fired = 0;
    clearTimeout(setTimeout(() => fired++, 2));
    clearInterval(setTimeout(() => fired++, 2));
    clearTimeout(setInterval(() => fired++, 2));
    await pause(15);
    equal(fired, 0);
  },
  "by a string": async () => {
    let fired = 0;
    clearTimeout(String(setTimeout(() => fired++, 2)));
    await pause(10);
    equal(fired, 0);
  },
  "one timer stops another that is due as well": async () => {
    const fired = [];
    const ids = [];
    ids.push(setTimeout(() => { fired.push("a"); clearTimeout(ids[1]); }, 2));
    ids.push(setTimeout(() => fired.push("b"), 2));
    await pause(15);
    equal(fired, ["a"]);
  },
  "its own, while it runs": async () => {
    let fired = 0;
    const id = setTimeout(() => { fired++; clearTimeout(id); }, 1);
    await pause(10);
    equal(fired, 1);
  },
  "ids that are none": () => {
    for (const id of [undefined, null, 0, -1, 1e9, NaN, "x", {}]) {
      equal(clearTimeout(id), undefined);
      equal(clearInterval(id), undefined);
    }
    clearTimeout();
  },
});
