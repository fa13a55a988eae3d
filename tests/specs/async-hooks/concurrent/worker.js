import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();

async function work(request) {
  const delays = [3, 1, 2];
  for (const delay of delays) {
    await scheduler.wait(delay);
    await request.clone().text();
  }
  return storage.getStore();
}

const inside = checks({
  "ten at once": async (request) => {
    const ids = Array.from({ length: 10 }, (_, i) => `/task/${i}`);
    const answers = await Promise.all(ids.map(async (id) => {
      const response = await fetch(new URL(id, request.url), { method: "POST", body: "x" });
      return response.text();
    }));
    equal(answers, ids);
  },
  "nothing is left over": () => equal(storage.getStore(), undefined),
});

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") {
      return inside.fetch(request, env, ctx);
    }
    return new Response(await storage.run(pathname, work, request));
  },
};
