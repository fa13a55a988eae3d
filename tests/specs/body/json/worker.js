import { checks, equal, throws } from "../../check.js";

const inside = checks({
  "any JSON value": async () => {
    for (const value of [null, 0, "x", [1], { a: 1 }]) equal(await new Response(JSON.stringify(value)).json(), value);
  },
  "a byte order mark is dropped": async () => equal(await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x35])).json(), 5),
  "what is not JSON rejects with SyntaxError": async () => {
    for (const text of ["", "{", "undefined"]) await throws(() => new Response(text).json(), "SyntaxError");
  },
  "no body rejects with SyntaxError": () => throws(() => new Response(null).json(), "SyntaxError"),
});

export default {
  async fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/echo" ? new Response((await request.json()).a.b[1]) : inside.fetch(request, env, ctx);
  },
};
