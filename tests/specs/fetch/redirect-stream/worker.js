import { checks, equal, throws } from "../../check.js";

const streamed = () => ({ method: "POST", body: new Blob(["text"]).stream().pipeThrough(new TransformStream()) });

const all = checks({
  "307": (request) => throws(() => fetch(`${request.url}307`, streamed()), "TypeError"),
  "303": async (request) => equal(await (await fetch(`${request.url}303`, streamed())).text(), "GET "),
});

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return all.fetch(request, env, ctx);
    const text = await request.text();
    if (pathname === "/end") return new Response(`${request.method} ${text}`);
    return new Response(null, { status: Number(pathname.slice(1)), headers: { location: "/end" } });
  },
};
