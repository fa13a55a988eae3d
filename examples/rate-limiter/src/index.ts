// A token bucket for each client: so many requests at once, then one more as each token comes back; more than that is a 429
// that says when to come again. Try: for i in $(seq 12); do curl -i http://127.0.0.1:8787/; done

import { DurableObject } from "cloudflare:workers";

interface Env {
  BUCKETS: DurableObjectNamespace<Bucket>;
  BURST: number | string;
  REFILL_SECONDS: number | string;
}

interface Taken {
  allowed: boolean;
  remaining: number;
  retryAfterSeconds: number;
}

export class Bucket extends DurableObject<Env> {
  /** Takes a token if there is one. */
  async take(): Promise<Taken> {
    const [burst, refillMs] = [Number(this.env.BURST), Number(this.env.REFILL_SECONDS) * 1000];
    const { kv } = this.ctx.storage;
    const now = Date.now();
    const last = kv.get<{ tokens: number; at: number }>("level") ?? { tokens: burst, at: now };
    // Tokens come back with time: nothing needs to run for that.
    let tokens = Math.min(burst, last.tokens + (now - last.at) / refillMs);
    const allowed = tokens >= 1;
    if (allowed) {
      tokens -= 1;
      kv.put("level", { tokens, at: now });
      await this.ctx.storage.setAlarm(now + Math.ceil((burst - tokens) * refillMs));
    }
    const retryAfterSeconds = allowed ? 0 : Math.ceil(((1 - tokens) * refillMs) / 1000);
    return { allowed, remaining: Math.floor(tokens), retryAfterSeconds };
  }

  /** A full bucket is as good as none: clients that stay away leave nothing behind. */
  async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}

export default {
  async fetch(request, env) {
    // By address. An API that knows its clients limits by their key, once it has checked it: an invented one would have
    // a bucket of its own.
    const client = request.headers.get("CF-Connecting-IP") ?? "unknown";
    const { allowed, remaining, retryAfterSeconds } = await env.BUCKETS.getByName(client).take();
    const headers = { "X-RateLimit-Limit": String(env.BURST), "X-RateLimit-Remaining": String(remaining) };
    if (!allowed) {
      const body = `Too many requests: come again in ${retryAfterSeconds} s\n`;
      return new Response(body, { status: 429, headers: { ...headers, "Retry-After": String(retryAfterSeconds) } });
    }
    return new Response("Hello\n", { headers });
  },
} satisfies ExportedHandler<Env>;
