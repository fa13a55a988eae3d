const handlers = {
  async fetch(request, env, ctx) {
    this.answer = this === handlers ? "yes" : "no";
    const { pathname } = new URL(request.url);
    return new Response(`this: ${this.answer}, path: ${pathname}, env: ${env.HARBOUR}, ctx: ${typeof ctx.waitUntil}`);
  },
};

export default handlers;
