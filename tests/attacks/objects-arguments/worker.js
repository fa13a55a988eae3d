// Arguments of storage whose conversion runs code: it comes back into storage, ends the object, computes without end or lies.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const endless = () => {
  for (;;);
};

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  /** Within the conversion of each argument, storage is used in all other ways. */
  async re_enters() {
    const { storage } = this.ctx;
    const { kv, sql } = storage;
    const use = () => {
      kv.put("inner", { a: [1] });
      kv.get("inner");
      [...kv.list({ limit: 2 })];
      sql.exec("CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1); DELETE FROM t WHERE rowid % 5 = 0").toArray();
      storage.transactionSync(() => kv.put("deeper", 1));
      storage.deleteAll();
      return "key";
    };
    const tricky = { toString: use, valueOf: use, [Symbol.toPrimitive]: use };
    const option = { get limit() { use(); return 3; }, get prefix() { return tricky; }, get start() { return tricky; }, get reverse() { return use(); } };
    const getter = { get a() { return use(); }, b: 1 };
    const trap = new Proxy([1, 2, 3], { get: (target, name) => (use(), target[name]), ownKeys: (target) => (use(), Reflect.ownKeys(target)) });
    const entries = new Proxy({ a: 1, b: 2 }, { ownKeys: () => (use(), ["a", "b"]), get: (target, name) => (use(), target[name]) });
    const shrinking = ["a", tricky, "b"];
    const attempts = [
      () => kv.put(tricky, getter),
      () => kv.put("x", getter),
      () => kv.put("x", trap),
      () => kv.get(tricky),
      () => kv.delete(tricky),
      () => [...kv.list(option)],
      () => storage.put(entries),
      () => storage.put(tricky, getter),
      () => storage.put("x", getter, option),
      () => storage.get(shrinking),
      () => storage.get(trap),
      () => storage.delete(trap),
      () => storage.list(option),
      () => storage.setAlarm(tricky),
      () => sql.exec("SELECT ?, ?", tricky, trap).toArray(),
      () => sql.exec(tricky),
      () => sql.exec("SELECT ?", Object.create(tricky)).toArray(),
      () => storage.transactionSync(Object.assign(() => use(), { call: endless })),
      () => kv.put("x", new Map([[getter, getter]])),
      () => kv.put("x", new Error("a", { cause: getter })),
      () => kv.put("x", { get a() { throw { get message() { return use(); } }; } }),
    ];
    const outcomes = [];
    for (const attempt of attempts) {
      try {
        await attempt();
        outcomes.push("");
      } catch (error) {
        outcomes.push(error?.name ?? "thrown");
      }
    }
    kv.put("after", 5);
    return `${JSON.stringify(outcomes)} ${kv.get("after")}`;
  }

  computes_key() {
    this.ctx.storage.kv.put({ toString: endless }, 1);
  }

  computes_value() {
    this.ctx.storage.kv.put("x", { get a() { return endless(); } });
  }

  computes_binding() {
    this.ctx.storage.sql.exec("SELECT ?", { toString: endless }).toArray();
  }

  async computes_option() {
    await this.ctx.storage.list({ get prefix() { return endless(); } });
  }

  /** The object is gone before the write that it is converted for. */
  async aborts() {
    const value = { get a() { this_.ctx.abort("within"); return 1; } };
    const this_ = this;
    try {
      this.ctx.storage.kv.put("x", value);
    } catch {}
    this.ctx.storage.kv.put("y", 1);
    await this.ctx.storage.put("z", value);
  }

  /** Sizes and times that are none. */
  async numbers() {
    const { storage } = this.ctx;
    let refused = 0;
    for (const number of [NaN, Infinity, -Infinity, -1, 0, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64, 1e308, -0, "1e999", null, true, 5n, Symbol()]) {
      for (const use of [
        () => storage.list({ limit: number }),
        () => storage.setAlarm(number),
        () => storage.sql.exec("SELECT ? + 1", number).toArray(),
        () => storage.kv.put(number, number),
        () => [...storage.kv.list({ limit: number })],
      ]) {
        try {
          await use();
        } catch {
          refused++;
        }
      }
    }
    await storage.deleteAlarm();
    return refused;
  }
}

export default objectAttack();
