export default {
  fetch(request) {
    const status = Number(new URL(request.url).pathname.slice(1));
    return new Response(null, { status, headers: { "x-a": "1", etag: '"v1"' } });
  },
};
