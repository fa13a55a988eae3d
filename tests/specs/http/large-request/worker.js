import { checks, equal } from "../../check.js";

const count = async (request, body) => await (await fetch(`${request.url}count`, { method: "POST", body })).text();

const all = checks({
  "1 MiB": async (request) => equal(await count(request, "é".repeat(524288)), "524288 1048576"),
  "64 KiB and one": async (request) => equal(await count(request, "x".repeat(65537)), "65537 65537"),
  "one": async (request) => equal(await count(request, "x"), "1 1"),
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/") return all.fetch(request, env, ctx);
    const text = await request.text();
    return new Response(`${text.length} ${request.headers.get("content-length")}`);
  },
};
