// Sixteen objects whose alarms set themselves for now, again and again, and compute and write meanwhile.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  lives() {}

  async start() {
    await this.ctx.storage.setAlarm(Date.now());
  }

  async alarm() {
    await this.ctx.storage.setAlarm(1);
    this.ctx.storage.kv.put("count", (this.ctx.storage.kv.get("count") ?? 0) + 1);
    for (let i = 0; i < 100_000; i++) {}
  }
}

async function call(_stub, _method, { Hostile }) {
  const started = [];
  for (let i = 0; i < 16; i++) {
    started.push(Hostile.getByName(`alarm ${i}`).start());
  }
  return (await Promise.all(started)).length;
}

export default objectAttack(call);
