export default class Main {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }

  fetch(request) {
    return new Response(`${new URL(request.url).pathname} at ${this.env.HARBOUR}, ${typeof this.ctx.waitUntil}`);
  }
}
