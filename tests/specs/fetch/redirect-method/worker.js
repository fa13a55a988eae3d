import { checks, equal } from "../../check.js";

const after = async (request, status, init) => {
  const response = await fetch(`${request.url}${status}`, { headers: { "content-type": "text/x", "x-a": "1" }, ...init });
  return await response.text();
};
const post = { method: "POST", body: "text" };
const put = { method: "PUT", body: "text" };

const all = checks({
  "301 and 302 make GET of POST": async (request) => {
    equal([await after(request, 301, post), await after(request, 302, post)], ["GET null 1 ", "GET null 1 "]);
  },
  "301 and 302 leave PUT": async (request) => {
    equal([await after(request, 301, put), await after(request, 302, put)], ["PUT text/x 1 text", "PUT text/x 1 text"]);
  },
  "303 makes GET of all but HEAD": async (request) => {
    equal([await after(request, 303, post), await after(request, 303, put)], ["GET null 1 ", "GET null 1 "]);
    equal((await fetch(`${request.url}303`, { method: "HEAD" })).headers.get("x-method"), "HEAD");
  },
  "307 and 308 change nothing": async (request) => {
    const bytes = { method: "POST", body: new Uint8Array([116, 101, 120, 116]) };
    equal([await after(request, 307, post), await after(request, 308, bytes)], ["POST text/x 1 text", "POST text/x 1 text"]);
  },
});

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return all.fetch(request, env, ctx);
    if (pathname !== "/end") return new Response(null, { status: Number(pathname.slice(1)), headers: { location: "/end" } });
    const text = `${request.method} ${request.headers.get("content-type")} ${request.headers.get("x-a")} ${await request.text()}`;
    return new Response(text, { headers: { "x-method": request.method } });
  },
};
