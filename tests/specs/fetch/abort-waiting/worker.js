import { checks, equal, throws } from "../../check.js";

const atOnce = (promise) => Promise.race([promise, scheduler.wait(1000).then(() => { throw new Error("too late"); })]);

const all = checks({
  "AbortController": async (request) => {
    const controller = new AbortController();
    const answer = fetch(`${request.url}slow`, { signal: controller.signal });
    await scheduler.wait(50);
    controller.abort();
    await throws(() => atOnce(answer), "AbortError");
  },
  "its reason": async (request) => {
    const controller = new AbortController();
    const answer = fetch(`${request.url}slow`, { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 50);
    equal(await atOnce(answer).catch((reason) => reason), "enough");
  },
  "AbortSignal.timeout()": async (request) => {
    await throws(() => atOnce(fetch(`${request.url}slow`, { signal: AbortSignal.timeout(50) })), "TimeoutError");
  },
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/") return all.fetch(request, env, ctx);
    await scheduler.wait(2000);
    return new Response("slow");
  },
};
