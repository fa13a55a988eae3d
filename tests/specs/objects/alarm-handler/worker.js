import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  #seen = [];
  async set(ms, plan = "") {
    const { storage } = this.ctx;
    await storage.put("plan", plan);
    await storage.setAlarm(Date.now() + ms);
    return await storage.getAlarm();
  }
  async alarm(info) {
    const { storage } = this.ctx;
    const before = await storage.getAlarm();
    const plan = await storage.get("plan");
    this.#seen.push({ info, now: Date.now(), before, name: this.ctx.id.name });
    if (plan === "again" && this.#seen.length < 3) await storage.setAlarm(Date.now() + 10);
    if (plan === "set and delete") {
      await storage.setAlarm(Date.now() + 10);
      await storage.deleteAlarm();
    }
    if (plan === "delete") await storage.deleteAlarm();
    if (plan === "slow") await later(50);
    if (plan === "set and fail" && this.#seen.length === 1) {
      await storage.setAlarm(Date.now() + 10);
      throw new Error("after it was set again");
    }
    await storage.put("after", await storage.getAlarm());
  }
  async seen() {
    return [this.#seen, await this.ctx.storage.getAlarm()];
  }
  cancel() {
    return this.ctx.storage.deleteAlarm();
  }
}

async function until(room, count) {
  for (let i = 0; i < 400; i++) {
    const [seen, alarm] = await room.seen();
    if (seen.length >= count && alarm === null) return seen;
    await later(20);
  }
  throw new Error(`it was not woken ${count} times`);
}

export default checks({
  "what it is told": async (_, env) => {
    const room = env.ROOMS.getByName("told");
    const set = await room.set(50);
    const [{ info, now, before, name }] = await until(room, 1);
    equal([info, before, name], [{ retryCount: 0, isRetry: false, scheduledTime: set }, null, "told"]);
    assert(now >= set);
  },
  "it can be set again within": async (_, env) => {
    const room = env.ROOMS.getByName("again");
    await room.set(0, "again");
    equal((await until(room, 3)).map(({ info }) => [info.retryCount, info.isRetry]), [[0, false], [0, false], [0, false]]);
  },
  "and deleted again": async (_, env) => {
    for (const plan of ["set and delete", "delete"]) {
      const room = env.ROOMS.getByName(plan);
      await room.set(0, plan);
      await until(room, 1);
      await later(100);
      equal((await room.seen())[0].length, 1, plan);
    }
  },
  "a new time takes the place of the one before": async (_, env) => {
    const room = env.ROOMS.getByName("replaced");
    await room.set(60_000);
    const set = await room.set(30);
    equal((await until(room, 1))[0].info.scheduledTime, set);
    await later(50);
    equal((await room.seen())[0].length, 1);
  },
  "one that was deleted does not come": async (_, env) => {
    const room = env.ROOMS.getByName("deleted");
    await room.set(50);
    await room.cancel();
    await room.cancel();
    await later(150);
    equal(await room.seen(), [[], null]);
  },
  "events go on while it works": async (_, env) => {
    const room = env.ROOMS.getByName("slow");
    await room.set(0, "slow");
    equal((await until(room, 1)).length, 1);
  },
  "a time that was set before it failed counts": async (_, env) => {
    const room = env.ROOMS.getByName("set and fail");
    await room.set(0, "set and fail");
    const seen = await until(room, 2);
    assert(seen[1].info.scheduledTime >= seen[0].now, JSON.stringify(seen));
  },
});
