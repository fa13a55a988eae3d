// An endless loop in the constructor of the entrypoint.

import { WorkerEntrypoint } from "cloudflare:workers";

export default class extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    for (;;);
  }

  fetch() {}
}
