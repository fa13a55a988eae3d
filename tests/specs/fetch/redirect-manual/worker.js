import { checks, equal } from "../../check.js";

const all = checks({
  "as init": async (request) => {
    const response = await fetch(`${request.url}moved`, { redirect: "manual" });
    equal([response.status, response.headers.get("location"), response.redirected, await response.text()], [307, "/target", false, "moved"]);
  },
  "a copy of an incoming request is manual": async (request) => {
    const response = await fetch(new Request(`${request.url}moved`, request));
    equal([response.status, response.headers.get("location")], [307, "/target"]);
  },
});

export default {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/target") return new Response("target");
    if (pathname === "/moved") return new Response("moved", { status: 307, headers: { location: "/target" } });
    return all.fetch(request, env, ctx);
  },
};
