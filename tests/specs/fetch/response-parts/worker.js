import { checks, equal } from "../../check.js";

const answer = () => {
  const headers = new Headers({ "X-A": "1", "content-type": "text/x" });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");
  return new Response("the body", { status: 418, statusText: "Short And Stout", headers });
};

const all = checks({
  "parts": async (request) => {
    const response = await fetch(`${request.url}answer#part`);
    const { status, statusText, ok, redirected, url } = response;
    equal({ status, statusText, ok, redirected, url }, {
      status: 418,
      statusText: "Short And Stout",
      ok: false,
      redirected: false,
      url: `${request.url}answer`,
    });
  },
  "headers and body": async (request) => {
    const response = await fetch(`${request.url}answer`);
    equal([response.headers.get("x-a"), response.headers.get("content-type"), response.headers.getSetCookie()], ["1", "text/x", ["a=1", "b=2"]]);
    equal(await response.text(), "the body");
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/answer" ? answer() : all.fetch(request, env, ctx);
  },
};
