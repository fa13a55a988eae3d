import { checks, equal } from "../../check.js";

const all = checks({
  "204 and 304": async (request) => {
    for (const status of [204, 304]) {
      const response = await fetch(`${request.url}${status}`);
      equal([response.status, response.body, await response.text()], [status, null, ""]);
    }
  },
  "HEAD": async (request) => {
    const response = await fetch(`${request.url}200`, { method: "HEAD" });
    equal([response.status, response.headers.get("x-method"), await response.text()], [200, "HEAD", ""]);
  },
  "an empty body": async (request) => {
    const response = await fetch(`${request.url}201`);
    equal([response.status, await response.text()], [201, ""]);
  },
});

export default {
  fetch(request, env, ctx) {
    const status = new URL(request.url).pathname.slice(1);
    if (status === "") return all.fetch(request, env, ctx);
    return new Response(status === "200" ? "text" : null, { status: Number(status), headers: { "x-method": request.method } });
  },
};
