import { checks, equal, throws } from "../../check.js";

let seen = 0;

const all = checks({
  "AbortError": async (request) => {
    await throws(() => fetch(`${request.url}seen`, { signal: AbortSignal.abort() }), "AbortError");
  },
  "its own reason": async (request) => {
    const reason = { why: "enough" };
    const thrown = await fetch(`${request.url}seen`, { signal: AbortSignal.abort(reason) }).catch((error) => error);
    equal(thrown === reason, true);
  },
  "the signal of a Request": async (request) => {
    const sent = new Request(`${request.url}seen`, { signal: AbortSignal.abort() });
    await throws(() => fetch(sent), "AbortError");
  },
  "nothing was sent": async () => {
    await scheduler.wait(50);
    equal(seen, 0);
  },
});

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/") return all.fetch(request, env, ctx);
    seen++;
    return new Response("seen");
  },
};
