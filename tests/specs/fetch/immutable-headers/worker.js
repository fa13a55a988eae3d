import { checks, equal, throws } from "../../check.js";

const all = checks({
  "set, append and delete throw TypeError": async (request) => {
    const { headers } = await fetch(`${request.url}answer`);
    await throws(() => headers.set("x-a", "2"), "TypeError");
    await throws(() => headers.append("x-a", "2"), "TypeError");
    await throws(() => headers.delete("x-a"), "TypeError");
  },
  "clone() is immutable too": async (request) => {
    const response = await fetch(`${request.url}answer`);
    await throws(() => response.clone().headers.set("x-a", "2"), "TypeError");
  },
  "new Response is not": async (request) => {
    const response = await fetch(`${request.url}answer`);
    const copy = new Response(response.body, response);
    copy.headers.set("x-a", "2");
    equal([copy.status, copy.headers.get("x-a"), await copy.text()], [203, "2", "text"]);
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/answer"
      ? new Response("text", { status: 203, headers: { "x-a": "1" } })
      : all.fetch(request, env, ctx);
  },
};
