import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage();

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const before = storage.getStore();
    storage.enterWith(pathname === "/" ? "first" : pathname);
    const after = storage.getStore();
    await scheduler.wait(1);
    return new Response(`before: ${before}, after: ${after}, later: ${storage.getStore()}`);
  },
};
