// A counter for each name, each a Durable Object: however many requests come at once, none is lost and none counts twice.
// Try: curl -X POST http://127.0.0.1:8787/visits

import { DurableObject } from "cloudflare:workers";

interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

export class Counter extends DurableObject<Env> {
  async value(): Promise<number> {
    return (await this.ctx.storage.get<number>("value")) ?? 0;
  }

  /** No other call comes in between the reading and the writing: storage keeps them out. */
  async add(amount: number): Promise<number> {
    const value = (await this.value()) + amount;
    await this.ctx.storage.put("value", value);
    return value;
  }

  /** What has nothing stored takes no room: the object is as if it had never been. */
  async reset(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}

export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") {
      return new Response("Name a counter: /visits\n", { status: 404 });
    }
    const counter = env.COUNTERS.getByName(name);
    switch (request.method) {
      case "GET":
        return Response.json({ name, value: await counter.value() });
      case "POST":
        return Response.json({ name, value: await counter.add(1) });
      case "DELETE":
        await counter.reset();
        return new Response(null, { status: 204 });
      default:
        return new Response("Use GET, POST or DELETE\n", { status: 405, headers: { Allow: "GET, POST, DELETE" } });
    }
  },
} satisfies ExportedHandler<Env>;
