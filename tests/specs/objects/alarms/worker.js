import { DurableObject } from "cloudflare:workers";
import { checks, equal } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  async wake(ms, failures) {
    await this.ctx.storage.put("failures", failures);
    await this.ctx.storage.setAlarm(Date.now() + ms);
    return (await this.ctx.storage.getAlarm()) > 0;
  }
  async alarm({ retryCount, isRetry }) {
    const failures = await this.ctx.storage.get("failures");
    if (retryCount < failures) throw new Error(`failure ${retryCount}`);
    await this.ctx.storage.put("woken", { retryCount, isRetry });
  }
  async woken() {
    return [await this.ctx.storage.get("woken"), await this.ctx.storage.getAlarm()];
  }
}

async function until(room) {
  for (let i = 0; i < 150; i++) {
    const [woken, alarm] = await room.woken();
    if (woken !== undefined && alarm === null) return woken;
    await later(50);
  }
  throw new Error("it was not woken");
}

export default checks({
  "an alarm goes off": async (_, env) => {
    const room = env.ROOMS.getByName("a");
    equal(await room.wake(100, 0), true);
    equal(await until(room), { retryCount: 0, isRetry: false });
  },
  "and again when it fails": async (_, env) => {
    const room = env.ROOMS.getByName("b");
    await room.wake(0, 1);
    equal(await until(room), { retryCount: 1, isRetry: true });
  },
});
