import { assert, checks, equal } from "../../check.js";

export default checks({
  "levels": async () => {
    const before = Date.now();
    let level = 0;
    await new Promise((resolve, reject) => {
      const next = () => {
        if (++level === 20) {
          resolve();
          return;
        }
        try {
          setTimeout(next, 0);
        } catch (error) {
          reject(error);
        }
      };
      setTimeout(next, 0);
    });
    equal(level, 20);
    const took = Date.now() - before;
    assert(took >= 19, `20 levels took ${took} ms`);
  },
  "one that is set meanwhile with no delay does not overtake": async () => {
    const order = [];
    await new Promise((resolve) => {
      setTimeout(() => {
        order.push("first");
        setTimeout(() => {
          order.push("nested");
          resolve();
        }, 0);
      }, 1);
      setTimeout(() => order.push("second"), 1);
    });
    equal(order, ["first", "second", "nested"]);
  },
});
