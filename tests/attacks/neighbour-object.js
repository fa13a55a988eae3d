// The neighbour of attacks with Durable Objects: an object that reads in each request, and now and then writes.

import { DurableObject } from "cloudflare:workers";

const WRITES_EACH = 16;

export class Neighbour extends DurableObject {
  #asked = 0;

  async hello() {
    const { kv, sql } = this.ctx.storage;
    if (this.#asked++ % WRITES_EACH === 0) {
      const written = (kv.get("written") ?? 0) + 1;
      kv.put("written", written);
      sql.exec("CREATE TABLE IF NOT EXISTS log (written INTEGER PRIMARY KEY)");
      sql.exec("INSERT INTO log VALUES (?)", written);
    }
    const rows = sql.exec("SELECT max(written) AS last FROM log").one().last;
    const touched = globalThis.touched ?? Object.prototype.touched ?? Response.touched;
    return touched ?? (rows === kv.get("written") ? "hello" : `${rows} of ${kv.get("written")}`);
  }
}

export default {
  async fetch(request, env) {
    return new Response(await env.Neighbour.getByName("one").hello());
  },
};
