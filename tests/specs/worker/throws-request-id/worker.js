import { assert, checks, equal } from "../../check.js";

const inside = checks({
  "ids": async (request) => {
    const first = await fetch(new URL("/fail", request.url));
    const second = await fetch(new URL("/fail", request.url));
    equal([first.status, second.status], [500, 500]);
    const ids = [first, second].map((response) => response.headers.get("x-skerry-request-id"));
    assert(ids.every((id) => /^[0-9a-f]{16}$/.test(id)), `not ids: ${ids}`);
    assert(ids[0] !== ids[1], "the same id twice");
  },
  "none on success": async (request) => {
    const response = await fetch(new URL("/fine", request.url));
    equal(response.status, 200);
    equal(response.headers.has("x-skerry-request-id"), false);
  },
});

export default {
  fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/fail":
        throw new Error("on purpose");
      case "/fine":
        return new Response("fine");
      default:
        return inside.fetch(request, env, ctx);
    }
  },
};
