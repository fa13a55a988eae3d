import { AsyncLocalStorage } from "node:async_hooks";
import { checks, equal } from "../../check.js";

const storage = new AsyncLocalStorage();
const store = () => storage.getStore();

const inside = checks({
  "fetch": async (request) => {
    const seen = await storage.run("kept", async () => {
      const response = await fetch(new URL("/plain", request.url));
      const afterFetch = store();
      equal(await response.text(), "plain");
      return [afterFetch, store()];
    });
    equal(seen, ["kept", "kept"]);
  },
  "reading a stream": async (request) => {
    const seen = await storage.run("kept", async () => {
      const response = await fetch(new URL("/stream", request.url));
      const seen = [];
      for await (const _ of response.body) {
        seen.push(store());
      }
      return seen;
    });
    equal(new Set(seen), new Set(["kept"]));
  },
  "crypto and compression": async () => {
    const seen = await storage.run("kept", async () => {
      await crypto.subtle.digest("SHA-1", new Uint8Array(1));
      const seen = [store()];
      await new Response(new Blob(["x"]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
      return [...seen, store()];
    });
    equal(seen, ["kept", "kept"]);
  },
});

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/plain":
        return new Response("plain");
      case "/stream":
        return new Response(new Blob(["a", "b"]).stream().pipeThrough(new TransformStream({
          async transform(chunk, controller) {
            await scheduler.wait(2);
            controller.enqueue(chunk);
          },
        })));
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
