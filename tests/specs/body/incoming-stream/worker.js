const upper = () =>
  new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase()));
    },
  });

export default {
  async fetch(request) {
    if (!request.url.endsWith("/read")) return new Response(request.body.pipeThrough(upper()));
    let length = 0;
    for await (const chunk of request.body) length += chunk.byteLength;
    return new Response(length);
  },
};
