import { checks, equal } from "../../check.js";

export default checks({
  "by delay": async () => {
    const order = [];
    await new Promise((resolve) => {
      setTimeout(resolve, 60);
      setTimeout(() => order.push(40), 40);
      setTimeout(() => order.push(5), 5);
      setTimeout(() => order.push(20), 20);
    });
    equal(order, [5, 20, 40]);
  },
  "equal delays": async () => {
    const order = [];
    await new Promise((resolve) => {
      for (let i = 0; i < 5; i++) {
        setTimeout(() => order.push(i), 2);
      }
      setTimeout(resolve, 2);
    });
    equal(order, [0, 1, 2, 3, 4]);
  },
  "microtasks first": async () => {
    const order = [];
    const fired = new Promise((resolve) => setTimeout(() => resolve(order.push("timer")), 0));
    queueMicrotask(() => order.push("microtask"));
    Promise.resolve().then(() => order.push("promise"));
    order.push("now");
    await fired;
    equal(order, ["now", "microtask", "promise", "timer"]);
  },
  "microtasks between two timers": async () => {
    const order = [];
    await new Promise((resolve) => {
      setTimeout(() => {
        order.push("a");
        queueMicrotask(() => order.push("after a"));
      }, 1);
      setTimeout(() => {
        order.push("b");
        resolve();
      }, 1);
    });
    equal(order, ["a", "after a", "b"]);
  },
});
