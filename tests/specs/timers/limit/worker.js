import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "limit": async () => {
    const ids = [];
    let error;
    try {
      for (let i = 0; i < 10_001; i++) {
        ids.push(setTimeout(() => {}, 60_000));
      }
    } catch (thrown) {
      error = thrown;
    }
    equal(ids.length, 10_000);
    equal(error?.name, "QuotaExceededError");
    assert(error.message.includes("10000"), error.message);
    await throws(() => setInterval(() => {}, 1), "QuotaExceededError");
    await throws(() => scheduler.wait(1), "QuotaExceededError");
    clearTimeout(ids.pop());
    await new Promise((resolve) => setTimeout(resolve, 1));
    ids.push(setTimeout(() => {}, 60_000));
    await throws(() => setTimeout(() => {}, 1), "QuotaExceededError");
    ids.forEach((id) => clearTimeout(id));
    await new Promise((resolve) => setTimeout(resolve, 1));
  },
});
