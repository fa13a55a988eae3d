import { checks, equal, throws } from "../../check.js";

export default checks({
  "order": async () => {
    const order = [];
    queueMicrotask(() => {
      order.push(1);
      queueMicrotask(() => order.push(4));
    });
    Promise.resolve().then(() => order.push(2));
    queueMicrotask(() => order.push(3));
    order.push(0);
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(order, [0, 1, 2, 3, 4]);
  },
  "exceptions": async () => {
    let seen;
    addEventListener("error", (event) => {
      event.preventDefault();
      seen = event.error;
    }, { once: true });
    const order = [];
    queueMicrotask(() => {
      throw new RangeError("out of a microtask");
    });
    queueMicrotask(() => order.push("next"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(order, ["next"]);
    equal(seen?.message, "out of a microtask");
  },
  "functions only": async () => {
    await throws(() => queueMicrotask("1"), "TypeError");
    await throws(() => queueMicrotask(), "TypeError");
  },
});
