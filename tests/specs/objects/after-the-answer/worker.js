import { DurableObject, waitUntil } from "cloudflare:workers";
import { checks, equal } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends DurableObject {
  log = [];
  begin() {
    this.ctx.waitUntil(later(20).then(() => this.log.push("ctx.waitUntil")));
    waitUntil(later(20).then(() => this.log.push("waitUntil")));
    setTimeout(() => this.log.push("timer"), 20);
    later(20).then(() => this.log.push("promise"));
    this.ticks = 0;
    this.interval = setInterval(() => ++this.ticks === 3 && (clearInterval(this.interval), this.log.push("interval")), 5);
    queueMicrotask(() => this.log.push("microtask"));
    return "answered";
  }
  rejected() {
    this.ctx.waitUntil(later(1).then(() => Promise.reject(new Error("of no matter"))));
    this.ctx.waitUntil("no promise");
    return "answered";
  }
  async write() {
    setTimeout(() => this.ctx.storage.put("late", 1), 5);
  }
  late() {
    return this.ctx.storage.get("late");
  }
  seen() {
    return this.log.toSorted();
  }
}

async function until(read, wanted) {
  let seen;
  for (let i = 0; i < 300; i++) {
    seen = await read();
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
    await later(20);
  }
  equal(seen, wanted);
}

export default checks({
  "all of it": async (_, env) => {
    const room = env.ROOMS.getByName("a");
    equal(await room.begin(), "answered");
    await until(() => room.seen(), ["ctx.waitUntil", "interval", "microtask", "promise", "timer", "waitUntil"]);
  },
  "what fails hurts nobody": async (_, env) => {
    const room = env.ROOMS.getByName("b");
    equal(await room.rejected(), "answered");
    await later(20);
    equal(await room.seen(), []);
  },
  "what a timer writes stays": async (_, env) => {
    const room = env.ROOMS.getByName("c");
    await room.write();
    await until(() => room.late(), 1);
  },
});
