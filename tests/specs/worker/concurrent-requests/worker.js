import { checks, equal } from "../../check.js";

let waiting;

const inside = checks({
  "the first is answered because the second came": async (request) => {
    const first = fetch(new URL("/wait", request.url)).then((response) => response.text());
    while (waiting === undefined) {
      await scheduler.wait(1);
    }
    const second = await fetch(new URL("/wake", request.url));
    equal(await second.text(), "woken");
    equal(await first, "awake");
  },
});

export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/wait": {
        waiting = Promise.withResolvers();
        // Holds this event open; the promise itself is resolved by the other one.
        const patience = setTimeout(() => waiting.resolve("nobody came"), 5000);
        const state = await waiting.promise;
        clearTimeout(patience);
        return new Response(state);
      }
      case "/wake":
        waiting.resolve("awake");
        return new Response("woken");
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
