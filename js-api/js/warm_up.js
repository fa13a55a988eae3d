// A worker of the platform's own: it takes the paths that most workers take, so that they are compiled before a tenant's first
// request comes. It runs in an isolate that no worker has been given yet.

import { primordials } from "ext:core/mod.js";

const { PromiseResolve } = primordials;

async function whole(request, env, ctx) {
  const { Headers, Response, TextDecoder, TextEncoder, URL, URLSearchParams } = globalThis;
  const url = new URL(request.url);
  url.searchParams.get("a");
  new URLSearchParams({ a: "b" }).toString();
  const headers = new Headers(request.headers);
  headers.set("x-a", url.pathname + request.method);
  headers.get("accept");
  headers.has("cookie");
  const { a } = await request.json();
  ctx.waitUntil(PromiseResolve(a));
  new TextDecoder().decode(new TextEncoder().encode("a"));
  await new Response("a", { headers }).text();
  await Response.json({ a }).json();
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

const worker = {
  default: {
    fetch: (request, env, ctx) => (request.url.includes("/whole") ? whole(request, env, ctx) : stream(request)),
  },
};

export { worker };
