import { checks, equal } from "../../check.js";

const headers = { authorization: "Basic eDp5", "x-a": "1" };

const all = checks({
  "the same origin": async (request) => {
    equal(await (await fetch(`${request.url}to?/end`, { headers })).text(), "Basic eDp5 1");
  },
  "another": async (request) => {
    const other = request.url.replace("127.0.0.1", "localhost");
    equal(await (await fetch(`${request.url}to?${other}end`, { headers })).text(), "null 1");
  },
});

export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/to") return new Response(null, { status: 302, headers: { location: url.search.slice(1) } });
    if (url.pathname === "/end") return new Response(`${request.headers.get("authorization")} ${request.headers.get("x-a")}`);
    return all.fetch(request, env, ctx);
  },
};
