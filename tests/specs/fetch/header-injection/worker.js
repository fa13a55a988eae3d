import { checks, equal, throws } from "../../check.js";

let seen = 0;

const all = checks({
  "in init": async (request) => {
    for (const value of ["a\r\nx-b: c", "a\nb", "a\rb", "a\0b"]) {
      await throws(() => fetch(`${request.url}seen`, { headers: { "x-a": value } }), "TypeError");
    }
    await throws(() => fetch(`${request.url}seen`, { headers: { "x-a: b\r\nx": "c" } }), "TypeError");
  },
  "in Headers": async () => {
    await throws(() => new Headers().set("x-a", "a\r\nx-b: c"), "TypeError");
  },
  "in a method": (request) => throws(() => fetch(`${request.url}seen`, { method: "GET /x\r\nx: y" }), "TypeError"),
  "nothing was sent": async () => {
    await scheduler.wait(50);
    equal(seen, 0);
  },
});

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/") return all.fetch(request, env, ctx);
    seen++;
    return new Response("seen");
  },
};
