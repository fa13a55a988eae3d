// A proxy that passes an upstream's body through as it arrives, without holding it: / as it is, /upper in upper case.
// The upstream is env.UPSTREAM or ?url=. Try: curl -N http://127.0.0.1:8787/upper

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/sample":
        return sample();
      case "/":
      case "/upper":
        return proxy(request, url, env);
      default:
        return new Response("Use /, /upper or /sample\n", { status: 404 });
    }
  },
};

async function proxy(request, url, env) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Only GET and HEAD are proxied\n", { status: 405, headers: { Allow: "GET, HEAD" } });
  }
  // Anyone may name any address here. A proxy on the internet would compare it with a list.
  const target = url.searchParams.get("url") ?? env.UPSTREAM;
  if (!URL.canParse(target, url) || !/^https?:$/.test(new URL(target, url).protocol)) {
    return new Response(`"${target}" is not an http or https URL\n`, { status: 400 });
  }
  let upstream;
  try {
    const headers = { Accept: request.headers.get("Accept") ?? "*/*" };
    upstream = await fetch(new URL(target, url), { method: request.method, headers });
  } catch (error) {
    return new Response(`The upstream cannot be reached: ${error.message}\n`, { status: 502 });
  }
  const isText = upstream.headers.get("Content-Type")?.startsWith("text/");
  if (url.pathname !== "/upper" || !isText || upstream.body === null) {
    return new Response(upstream.body, upstream);
  }
  const response = new Response(upstream.body.pipeThrough(upperCase()), upstream);
  // Some letters become two: the length is not known before the end.
  response.headers.delete("Content-Length");
  response.headers.delete("ETag");
  return response;
}

/** Bytes of UTF-8 text in, the same in upper case out. The decoder keeps characters together that two chunks share. */
function upperCase() {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(encoder.encode(decoder.decode(chunk, { stream: true }).toUpperCase()));
    },
    flush(controller) {
      controller.enqueue(encoder.encode(decoder.decode().toUpperCase()));
    },
  });
}

/** An upstream to try with: a few lines, one every 200 ms, cut in the middle of a character. */
function sample() {
  const bytes = new TextEncoder().encode("one skerry\ntwo skerries\nthrée straße\n");
  const { readable, writable } = new TransformStream();
  const write = async () => {
    const writer = writable.getWriter();
    for (const [start, end] of [[0, 11], [11, 24], [24, 28], [28]]) {
      await writer.write(bytes.slice(start, end));
      await scheduler.wait(200);
    }
    await writer.close();
  };
  write().catch(() => {}); // The reader went away.
  return new Response(readable, { headers: { "Content-Type": "text/plain; charset=utf-8", "X-Upstream": "sample" } });
}
