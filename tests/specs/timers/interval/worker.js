import { checks, equal } from "../../check.js";

export default checks({
  "repeats": async () => {
    let count = 0;
    const patience = setTimeout(() => { count = -1; }, 3000);
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`only ${count}`)), 2000);
      const id = setInterval(() => {
        if (++count === 5) {
          clearInterval(id);
          resolve();
        }
      }, 2);
    });
    clearTimeout(patience);
    await scheduler.wait(10);
    equal(count, 5);
  },
  "goes on after an exception": async () => {
    let count = 0;
    await new Promise((resolve) => {
      const id = setInterval(() => {
        if (++count === 3) {
          clearInterval(id);
          resolve();
        } else if (count === 2) {
          throw new Error("the second strike");
        }
      }, 1);
    });
    equal(count, 3);
  },
});
