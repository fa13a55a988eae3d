import { checks, equal, throws } from "../../check.js";

const endless = () => {
  const stream = new ReadableStream({
    async pull(controller) {
      await scheduler.wait(20);
      controller.enqueue(new Uint8Array(10));
    },
  });
  return new Response(stream);
};
const atOnce = (promise) => Promise.race([promise, scheduler.wait(1000).then(() => { throw new Error("too late"); })]);

const all = checks({
  "the mixin": async (request) => {
    const controller = new AbortController();
    const response = await fetch(`${request.url}endless`, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await throws(() => atOnce(response.text()), "AbortError");
  },
  "a reader": async (request) => {
    const controller = new AbortController();
    const response = await fetch(`${request.url}endless`, { signal: controller.signal });
    const reader = response.body.getReader();
    equal((await reader.read()).done, false);
    controller.abort();
    await throws(() => atOnce((async () => { while (true) await reader.read(); })()), "AbortError");
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/endless" ? endless() : all.fetch(request, env, ctx);
  },
};
