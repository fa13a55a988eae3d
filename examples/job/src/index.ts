// Jobs that deliver a text to a URL, and try again with growing pauses until it is taken: each job is an object, its alarm
// the engine. The Idempotency-Key names the job, so that a request that is sent twice starts one.
// Try: curl -H 'Idempotency-Key: order-1' -d '{"url":"/sample","text":"paid"}' http://127.0.0.1:8787/jobs, then
//      curl http://127.0.0.1:8787/jobs/order-1

import { DurableObject } from "cloudflare:workers";

interface Env {
  JOBS: DurableObjectNamespace<Job>;
  BACKOFF_MS: number | string;
  ATTEMPTS_MAX: number | string;
}

interface Order {
  url: string;
  text: string;
}

interface Status {
  order: Order;
  /** queued -> running -> done, or waiting -> running again, or failed. */
  state: "queued" | "running" | "waiting" | "done" | "failed";
  attempts: number;
  /** When it is tried again, in milliseconds since 1970. */
  next?: number;
  /** What went wrong the last time. */
  error?: string;
}

const FINISHED_KEPT_MS = 24 * 60 * 60 * 1000;

/** What would fail the next time too. */
class Refused extends Error {}

export class Job extends DurableObject<Env> {
  status(): Status | undefined {
    return this.ctx.storage.kv.get<Status>("status");
  }

  /** Starts the job. One that is there already stays as it is, or, if it had another order, is a conflict. */
  async start(order: Order): Promise<"started" | "there" | "conflict"> {
    const there = this.status()?.order;
    if (there !== undefined) {
      return there.url === order.url && there.text === order.text ? "there" : "conflict";
    }
    // Both are on the disk before the caller hears of it, or neither is.
    this.#save({ order, state: "queued", attempts: 0 });
    await this.ctx.storage.setAlarm(Date.now());
    return "started";
  }

  /** Called when it is time, and again if the machine stopped in the middle: a delivery can arrive twice, but is not lost. */
  async alarm(): Promise<void> {
    const before = this.status();
    if (before === undefined || before.state === "done" || before.state === "failed") {
      return await this.ctx.storage.deleteAll();
    }
    const { order } = before;
    const attempts = before.attempts + 1;
    this.#save({ order, state: "running", attempts });
    let next = Date.now() + FINISHED_KEPT_MS;
    try {
      await deliver(order, this.ctx.id.name!, attempts);
      this.#save({ order, state: "done", attempts });
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof Refused || attempts >= Number(this.env.ATTEMPTS_MAX)) {
        this.#save({ order, state: "failed", attempts, error });
      } else {
        // Twice as long each time, give or take a half, so that jobs that failed together do not come back together.
        const pause = Number(this.env.BACKOFF_MS) * 2 ** (attempts - 1) * (0.5 + Math.random());
        next = Math.round(Date.now() + pause);
        this.#save({ order, state: "waiting", attempts, next, error });
      }
    }
    await this.ctx.storage.setAlarm(next);
  }

  #save(status: Status): void {
    this.ctx.storage.kv.put("status", status);
  }
}

/** The work itself. Who takes it knows by the key what has come before. */
async function deliver({ url, text }: Order, key: string, attempt: number): Promise<void> {
  const headers = { "Idempotency-Key": key, "X-Attempt": String(attempt) };
  const response = await fetch(url, { method: "POST", headers, body: text, signal: AbortSignal.timeout(10_000) });
  await response.body?.cancel();
  if (!response.ok) {
    const mayPass = response.status >= 500 || response.status === 408 || response.status === 429;
    throw new (mayPass ? Error : Refused)(`the answer was ${response.status}`);
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (request.method === "POST" && url.pathname === "/jobs") {
      return await start(request, url, env);
    }
    if (request.method === "GET" && url.pathname.startsWith("/jobs/")) {
      const status = await env.JOBS.getByName(url.pathname.slice("/jobs/".length)).status();
      return status ? Response.json(status) : Response.json({ error: "there is no such job" }, { status: 404 });
    }
    if (request.method === "POST" && url.pathname === "/sample") {
      return new Response(null, { status: Number(request.headers.get("X-Attempt")) < 3 ? 503 : 204 });
    }
    return Response.json({ error: "use POST /jobs or GET /jobs/KEY" }, { status: 404 });
  },
} satisfies ExportedHandler<Env>;

async function start(request: Request, base: URL, env: Env): Promise<Response> {
  const key = request.headers.get("Idempotency-Key") ?? "";
  if (!/^[\w-]{1,100}$/.test(key)) {
    const error = "Idempotency-Key must be up to 100 letters, digits, - and _";
    return Response.json({ error }, { status: 400 });
  }
  const body = await request.json<Partial<Order> | null>().catch(() => null);
  if (typeof body?.url !== "string" || !URL.canParse(body.url, base) || typeof body.text !== "string") {
    return Response.json({ error: "the body must be JSON with a url and a text" }, { status: 400 });
  }
  // Anyone may name any address here. A service on the internet would compare it with a list.
  const order = { url: new URL(body.url, base).href, text: body.text };
  switch (await env.JOBS.getByName(key).start(order)) {
    case "conflict":
      return Response.json({ error: `${key} is the key of another job` }, { status: 422 });
    default:
      return Response.json({ job: key }, { status: 202, headers: { Location: `/jobs/${key}` } });
  }
}
