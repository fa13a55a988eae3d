import { checks, equal } from "../../check.js";

const all = checks({
  "after the body": async (request) => {
    const controller = new AbortController();
    const response = await fetch(`${request.url}x`, { signal: controller.signal });
    equal(await response.text(), "text");
    controller.abort();
    await scheduler.wait(10);
    equal([response.status, response.bodyUsed], [200, true]);
  },
  "the signal can be used again": async (request) => {
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) equal(await (await fetch(`${request.url}x`, { signal })).text(), "text");
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/x" ? new Response("text") : all.fetch(request, env, ctx);
  },
};
