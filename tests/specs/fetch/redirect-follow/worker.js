import { checks, equal } from "../../check.js";

const paths = {
  "/one": () => new Response(null, { status: 302, headers: { location: "two?x=1" } }),
  "/two": () => new Response("moved", { status: 301, headers: { location: "/three#part" } }),
  "/three": () => new Response("here"),
  "/300": () => new Response("choose", { status: 300, headers: { location: "/three" } }),
  "/bare": () => new Response("nowhere", { status: 302 }),
};

const all = checks({
  "to the end": async (request) => {
    const response = await fetch(`${request.url}one`);
    equal([response.status, response.redirected, response.url, await response.text()], [200, true, `${request.url}three`, "here"]);
  },
  "only real redirects": async (request) => {
    const response = await fetch(`${request.url}300`);
    equal([response.status, response.redirected, await response.text()], [300, false, "choose"]);
  },
  "one without a location is an answer": async (request) => {
    const response = await fetch(`${request.url}bare`);
    equal([response.status, await response.text()], [302, "nowhere"]);
  },
});

export default {
  fetch(request, env, ctx) {
    return paths[new URL(request.url).pathname]?.() ?? all.fetch(request, env, ctx);
  },
};
