const seen = new WeakSet();

export default {
  fetch(request, env, ctx) {
    const known = seen.has(ctx);
    seen.add(ctx);
    return new Response(known ? "seen before" : "new");
  },
};
