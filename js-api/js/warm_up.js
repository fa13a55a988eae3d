// A worker of the platform's own: it takes the paths that most workers take. It runs when the snapshot is made, which has its code
// compiled from then on; `whole` and `stream` run again in every isolate, before it is given a worker.

import { primordials } from "ext:core/mod.js";

const { PromiseResolve } = primordials;

async function whole(request, env, ctx) {
  const { Headers, Response, TextDecoder, TextEncoder, URL, URLSearchParams } = globalThis;
  const url = new URL(request.url);
  url.searchParams.get("a");
  new URLSearchParams({ a: "b" }).toString();
  const headers = new Headers(request.headers);
  new Headers({ a: "b" });
  headers.set("x-a", url.pathname + request.method);
  headers.get("accept");
  headers.has("cookie");
  const { a } = await request.json();
  ctx.waitUntil(PromiseResolve(a));
  new TextDecoder().decode(new TextEncoder().encode("a"));
  await new Response("a", { headers }).text();
  await Response.json({ a }).json();
  new Response("a", { status: 200, headers: { "content-type": "text/plain" } });
  return new Response("whole", { status: 201, headers });
}

async function stream(request) {
  const { AbortController, ReadableStream, Request, Response, TransformStream } = globalThis;
  const copy = new Request("http://localhost/", { method: "POST", body: "a", signal: new AbortController().signal });
  await copy.clone().arrayBuffer();
  await request.text();
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(1));
      controller.close();
    },
  });
  await new Response(source.pipeThrough(new TransformStream())).bytes();
  // The short way, of an answer that is text alone.
  return new Response("stream");
}

/** What many workers do, and not every isolate is made ready for. */
async function rest(request) {
  const { Blob, FormData, Request, Response, URL } = globalThis;
  const url = new URL("/b?c=d#e", request.url);
  url.searchParams.append("a", "b");
  url.pathname = "/c";
  for (const _entry of url.searchParams);
  for (const _header of request.headers);
  const copy = new Request(url, { method: "POST", headers: [["a", "b"]], body: await request.text() });
  new Request(copy, { redirect: "manual" });
  const changed = new Response("{}", new Response(null, { status: 201 }));
  changed.headers.append("set-cookie", "a=b");
  await changed.json();
  const form = new FormData();
  form.set("a", new Blob(["b"]));
  globalThis.clearTimeout(globalThis.setTimeout(() => {}, 1));
  globalThis.structuredClone({ a: globalThis.btoa(globalThis.atob("")) });
  Response.redirect(url, 302);
  return new Response(null, { status: 204 });
}

const PATHS = { __proto__: null, rest, stream, whole };

const worker = {
  default: {
    fetch: (request, env, ctx) => PATHS[new globalThis.URL(request.url).pathname.slice(1)](request, env, ctx),
  },
};

export { worker };
