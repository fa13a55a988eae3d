import { checks, equal } from "../../check.js";

const all = checks({
  "apart": async (request) => {
    const response = await fetch(`${request.url}wire`);
    equal(response.headers.getSetCookie(), ["a=1; Path=/", "b=2; HttpOnly"]);
  },
});

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/") return all.fetch(request, env, ctx);
    const response = new Response("x");
    response.headers.append("Set-Cookie", "a=1; Path=/");
    response.headers.append("Set-Cookie", "b=2; HttpOnly");
    return response;
  },
};
