// `/pass/...` hands the origin's answer on as it is; `/transform/...` moves every chunk through JavaScript.
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/pass/")) {
      return fetch(env.ORIGIN + pathname.slice("/pass".length));
    }
    const response = await fetch(env.ORIGIN + pathname.slice("/transform".length));
    const transform = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(transform), { headers: response.headers });
  },
};
