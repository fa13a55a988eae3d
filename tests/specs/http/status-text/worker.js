import { checks, equal } from "../../check.js";

const text = async (request, path) => {
  const response = await fetch(request.url + path);
  return `${response.status} ${response.statusText}`;
};

const all = checks({
  "own": async (request) => equal(await text(request, "own"), "200 Very Well"),
  "own, of an unusual status": async (request) => equal(await text(request, "299"), "299 Almost"),
  "usual": async (request) => equal(await text(request, "usual"), "404 Not Found"),
});

export default {
  fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/own": return new Response("x", { statusText: "Very Well" });
      case "/299": return new Response("x", { status: 299, statusText: "Almost" });
      case "/usual": return new Response("x", { status: 404 });
      default: return all.fetch(request, env, ctx);
    }
  },
};
