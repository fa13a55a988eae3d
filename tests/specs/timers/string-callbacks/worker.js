import { checks, equal, throws } from "../../check.js";

export default checks({
  "strings": async () => {
    await throws(() => setTimeout("globalThis.ran = true", 0), "TypeError");
    await throws(() => setInterval("globalThis.ran = true", 0), "TypeError");
    await scheduler.wait(5);
    equal(globalThis.ran, undefined);
  },
  "objects": async () => {
    for (const value of [null, undefined, 1, {}, { handleEvent() {} }, { toString: () => "1" }]) {
      await throws(() => setTimeout(value, 0), "TypeError");
    }
  },
});
