// Alarms whose handlers never end, set again before they do.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

let next = 0;

export class Hostile extends DurableObject {
  lives() {}

  async start() {
    await this.ctx.storage.setAlarm(Date.now());
  }

  async alarm() {
    await this.ctx.storage.setAlarm(Date.now());
    for (;;);
  }
}

export default objectAttack((_stub, _method, { Hostile }) => Hostile.getByName(`alarm ${next++ % 8}`).start());
