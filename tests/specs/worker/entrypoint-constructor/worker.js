import { WorkerEntrypoint } from "cloudflare:workers";

export default class Main extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    this.seen = env.HARBOUR;
    this.same = [this.ctx === ctx, this.env === env];
  }

  fetch() {
    return new Response(`${this.seen} seen by the constructor: ${this.same.join(" ")}`);
  }
}
