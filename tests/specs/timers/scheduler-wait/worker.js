import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "waits": async () => {
    const before = Date.now();
    equal(await scheduler.wait(25), undefined);
    const waited = Date.now() - before;
    assert(waited >= 24 && waited < 3000, `waited ${waited} ms`);
  },
  "abort": async () => {
    const controller = new AbortController();
    const waiting = scheduler.wait(500, { signal: controller.signal });
    setTimeout(() => controller.abort(new RangeError("enough")), 2);
    equal((await throws(() => waiting, "RangeError")).message, "enough");
  },
  "aborted before": async () => {
    const controller = new AbortController();
    controller.abort();
    await throws(() => scheduler.wait(500, { signal: controller.signal }), "AbortError");
  },
  "timeout": async () => throws(() => scheduler.wait(500, { signal: AbortSignal.timeout(5) }), "TimeoutError"),
  "abort after it is over": async () => {
    const controller = new AbortController();
    await scheduler.wait(1, { signal: controller.signal });
    controller.abort();
  },
});
