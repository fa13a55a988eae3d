import { checks, equal, throws } from "../../check.js";

const all = checks({
  "redirect: error": async (request) => {
    await throws(() => fetch(`${request.url}to?/`, { redirect: "error" }), "TypeError");
    equal(await (await fetch(`${request.url}end`, { redirect: "error" })).text(), "end");
  },
  "a circle": async (request) => {
    await throws(() => fetch(`${request.url}circle`), "TypeError");
  },
  "to another scheme": async (request) => {
    for (const url of ["ftp://example.com/", "file:///etc/passwd", "javascript:1", "http://[/"]) {
      await throws(() => fetch(`${request.url}to?${url}`), "TypeError");
    }
  },
});

export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/end") return new Response("end");
    if (url.pathname === "/circle") return new Response(null, { status: 302, headers: { location: "/circle" } });
    if (url.pathname === "/to") return new Response(null, { status: 302, headers: { location: url.search.slice(1) } });
    return all.fetch(request, env, ctx);
  },
};
