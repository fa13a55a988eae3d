import { checks, equal } from "../../check.js";

const text = "some text that comes again and again, ".repeat(100);

const coded = (coding, format) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream(format)), {
    headers: { "content-encoding": coding },
    encodeBody: "manual",
  });

const paths = {
  "/gzip": () => coded("gzip", "gzip"),
  "/deflate": () => coded("deflate", "deflate"),
  "/automatic": () => new Response(text, { headers: { "content-encoding": "gzip" } }),
  "/brotli": () => new Response(text, { headers: { "content-encoding": "br" } }),
  "/broken": () => new Response("not gzip at all", { headers: { "content-encoding": "gzip" }, encodeBody: "manual" }),
};

const all = checks({
  "coded by the worker": async (request) => {
    for (const path of ["gzip", "deflate"]) equal(await (await fetch(request.url + path)).text(), text);
  },
  "coded by the platform": async (request) => {
    for (const path of ["automatic", "brotli"]) equal(await (await fetch(request.url + path)).text(), text);
  },
  "the header stays": async (request) => equal((await fetch(`${request.url}gzip`)).headers.get("content-encoding"), "gzip"),
  "what cannot be decoded rejects when read": async (request) => {
    const response = await fetch(`${request.url}broken`);
    const outcome = await response.text().catch((error) => error.name);
    equal([response.status, outcome], [200, "TypeError"]);
  },
});

export default {
  fetch(request, env, ctx) {
    return paths[new URL(request.url).pathname]?.() ?? all.fetch(request, env, ctx);
  },
};
