import { checks, equal, throws } from "../../check.js";

export default checks({
  "a closed port": async () => {
    const error = await throws(() => fetch("http://127.0.0.1:1/"), "TypeError");
    equal(error.message.length > 10, true, error.message);
  },
  "the worker goes on": async () => {
    const outcomes = await Promise.allSettled([fetch("http://127.0.0.1:1/"), fetch("http://127.0.0.1:1/")]);
    equal(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  },
});
