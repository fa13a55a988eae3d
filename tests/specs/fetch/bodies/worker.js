import { checks, equal } from "../../check.js";

async function receive(request) {
  const type = request.headers.get("content-type");
  if (request.url.endsWith("text")) return Response.json([type, await request.text()]);
  const form = await request.formData();
  return Response.json([type.split(";")[0], form.get("a"), (await form.get("f")?.text?.()) ?? null]);
}

const send = async (request, how, body) => await (await fetch(request.url + how, { method: "POST", body })).json();

const all = checks({
  "FormData": async (request) => {
    const form = new FormData();
    form.append("a", "é");
    form.append("f", new File(["file"], "x.txt"));
    equal(await send(request, "form", form), ["multipart/form-data", "é", "file"]);
  },
  "URLSearchParams": async (request) => {
    equal(await send(request, "form", new URLSearchParams({ a: "x&y" })), ["application/x-www-form-urlencoded", "x&y", null]);
  },
  "Blob": async (request) => equal(await send(request, "text", new Blob(["p {}"], { type: "text/css" })), ["text/css", "p {}"]),
  "bytes": async (request) => equal(await send(request, "text", new Uint8Array([97, 98])), [null, "ab"]),
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/" ? all.fetch(request, env, ctx) : receive(request);
  },
};
