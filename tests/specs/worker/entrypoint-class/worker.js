import { WorkerEntrypoint } from "cloudflare:workers";

export default class extends WorkerEntrypoint {
  requests = 0;

  async fetch(request) {
    this.requests++;
    const { pathname } = new URL(request.url);
    return new Response(
      `env: ${this.env?.HARBOUR}, waitUntil: ${typeof this.ctx.waitUntil}, path: ${pathname}, requests of this instance: ${this.requests}`,
    );
  }
}
