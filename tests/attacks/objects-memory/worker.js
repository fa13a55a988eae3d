// An object that takes memory: of its heap, by rows and values that it reads, by sections that wait, and by large answers to itself.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const kept = [];

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  heap() {
    for (;;) {
      kept.push(new Array(1000).fill(kept.length));
    }
  }

  rows() {
    for (;;) {
      kept.push(this.ctx.storage.sql.exec("SELECT randomblob(1000000) AS a, hex(randomblob(400000)) AS b").toArray());
    }
  }

  values() {
    this.ctx.storage.kv.put("value", new Uint8Array(1 << 20));
    for (;;) {
      kept.push(this.ctx.storage.kv.get("value"), [...this.ctx.storage.kv.list()]);
    }
  }

  stubs() {
    for (let i = 0; i < 20_000; i++) {
      kept.push(this.env.Hostile.getByName(`${i}`.padStart(1000)));
    }
    return kept.splice(0).length;
  }

  sections() {
    for (;;) {
      this.ctx.blockConcurrencyWhile(() => scheduler.wait(10));
    }
  }

  answers() {
    return new Uint8Array(24 << 20);
  }
}

export default objectAttack(async (stub, method) => {
  const result = await stub[method]();
  return result?.length ?? result;
});
