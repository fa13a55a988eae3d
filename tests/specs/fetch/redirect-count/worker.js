import { checks, equal, throws } from "../../check.js";

const all = checks({
  "twenty": async (request) => equal(await (await fetch(`${request.url}20`)).text(), "end"),
  "twenty-one": (request) => throws(() => fetch(`${request.url}21`), "TypeError"),
});

export default {
  fetch(request, env, ctx) {
    const left = new URL(request.url).pathname.slice(1);
    if (left === "") return all.fetch(request, env, ctx);
    return left === "0" ? new Response("end") : new Response(null, { status: 302, headers: { location: `/${left - 1}` } });
  },
};
