// An object that writes as much as it can: in turns of its own without waiting for any, all in one, and many at once.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const VALUE = new Uint8Array(1_000_000);

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  async turns() {
    for (let i = 0; i < 200; i++) {
      crypto.getRandomValues(VALUE.subarray(0, 65536));
      this.ctx.storage.put(`key ${i % 50}`, VALUE, { allowUnconfirmed: true });
      await scheduler.wait(0);
    }
  }

  one_turn() {
    for (let i = 0; ; i++) {
      this.ctx.storage.kv.put(`key ${i}`, VALUE);
    }
  }

  async many() {
    for (let i = 0; i < 100_000; i++) {
      this.ctx.storage.put("same", i);
    }
    const synced = [];
    for (let i = 0; i < 10_000; i++) {
      synced.push(this.ctx.storage.sync());
    }
    await Promise.all(synced);
  }
}

export default objectAttack();
