import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage();
let seen = "nothing";

export default {
  async fetch(request, env, ctx) {
    if (request.url.endsWith("/status")) {
      for (let i = 0; i < 100 && seen === "nothing"; i++) {
        await scheduler.wait(10);
      }
      return new Response(`work: ${seen}`);
    }
    storage.run("kept", () => {
      ctx.waitUntil(scheduler.wait(5).then(() => { seen = String(storage.getStore()); }));
    });
    return new Response("started");
  },
};
