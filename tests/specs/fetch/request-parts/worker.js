import { checks, equal } from "../../check.js";

const echo = async (request) =>
  Response.json({
    method: request.method,
    path: request.url.slice(new URL(request.url).origin.length),
    a: request.headers.get("x-a"),
    type: request.headers.get("content-type"),
    body: await request.text(),
  });

const all = checks({
  "a URL and init": async (request) => {
    const response = await fetch(new URL("/echo?q=%20#part", request.url), { method: "POST", headers: { "X-A": "1" }, body: "é" });
    equal(await response.json(), { method: "POST", path: "/echo?q=%20", a: "1", type: "text/plain;charset=UTF-8", body: "é" });
  },
  "a Request": async (request) => {
    const sent = new Request(new URL("/echo", request.url), { method: "DELETE", headers: { "x-a": "2" } });
    equal(await (await fetch(sent)).json(), { method: "DELETE", path: "/echo", a: "2", type: null, body: "" });
  },
  "a Request and init": async (request) => {
    const sent = new Request(new URL("/echo", request.url), { method: "PUT", headers: { "x-a": "2" }, body: "old" });
    const response = await fetch(sent, { body: new Uint8Array([110, 101, 119]), headers: { "x-a": "3" } });
    equal(await response.json(), { method: "PUT", path: "/echo", a: "3", type: null, body: "new" });
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/echo" ? echo(request) : all.fetch(request, env, ctx);
  },
};
