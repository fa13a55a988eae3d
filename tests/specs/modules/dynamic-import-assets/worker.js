import { assert, checks, equal } from "../../check.js";

export default checks({
  "text": async () => equal((await import("./sea.txt")).default, "calm\n"),
  "data": async () => assert((await import("./bytes.bin")).default instanceof ArrayBuffer, "no ArrayBuffer"),
  "json": async () => equal((await import("./chart.json")).default, { depth: 12 }),
  "the platform": async () => {
    equal(typeof (await import("cloudflare:workers")).waitUntil, "function");
    equal(typeof (await import("node:async_hooks")).AsyncLocalStorage, "function");
  },
  "one for all imports": async () => {
    const [a, b] = [await import("cloudflare:workers"), await import("cloudflare:workers")];
    assert(a.env === b.env && a.WorkerEntrypoint === b.WorkerEntrypoint, "two of them");
  },
});
