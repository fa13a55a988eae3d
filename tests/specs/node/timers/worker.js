import { clearImmediate as stop, clearTimeout as clear, setImmediate as soon, setInterval as every, setTimeout as after } from "node:timers";
import promises, { scheduler, setImmediate as next, setInterval as ticks } from "node:timers/promises";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "objects": async () => {
    const timer = after(() => {}, 1000);
    equal([timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef(), typeof +timer], [true, false, true, "number"]);
    clear(timer);
    clearTimeout(after(() => { throw new Error("not cleared"); }, 1));
    let count = 0;
    const interval = every(() => count++, 1);
    await promises.setTimeout(15);
    clear(interval);
    assert(count > 1);
    equal(await new Promise((resolve) => after((a, b) => resolve(a + b), 1, 2, 3)), 5);
  },
  "immediately": async () => {
    equal(await new Promise((resolve) => soon(resolve, "now")), "now");
    equal(await new Promise((resolve) => setImmediate(resolve, "global")), "global");
    stop(soon(() => { throw new Error("not cleared"); }));
    clearImmediate(setImmediate(() => { throw new Error("not cleared"); }));
    equal(await next("value"), "value");
  },
  "promises": async () => {
    equal(await promises.setTimeout(1, "late"), "late");
    const controller = new AbortController();
    const waiting = promises.setTimeout(10000, undefined, { signal: controller.signal });
    controller.abort();
    equal((await throws(() => waiting, "AbortError")).code, "ABORT_ERR");
    let n = 0;
    for await (const value of ticks(1, "v")) {
      equal(value, "v");
      if (++n === 3) break;
    }
    await scheduler.wait(1);
    await scheduler.yield();
  },
  "what is no function": async () => equal((await throws(() => after("code", 1), "TypeError")).code, "ERR_INVALID_ARG_TYPE"),
});
