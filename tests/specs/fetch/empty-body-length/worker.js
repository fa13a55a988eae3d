import { checks, equal } from "../../check.js";

const length = async (request, init) => await (await fetch(`${request.url}length`, init)).text();

const all = checks({
  "POST with an empty body": async (request) => equal(await length(request, { method: "POST", body: "" }), "0"),
  "POST and PUT without one": async (request) => {
    equal([await length(request, { method: "POST" }), await length(request, { method: "PUT" })], ["0", "0"]);
  },
  "GET": async (request) => equal(await length(request), "null"),
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/length" ? new Response(`${request.headers.get("content-length")}`) : all.fetch(request, env, ctx);
  },
};
