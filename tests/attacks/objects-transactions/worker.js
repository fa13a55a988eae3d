// Transactions within transactions, ended from elsewhere, used when they are over, and left open.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  /** What inner ones wrote goes where they throw, and stays where they do not. */
  reentrant() {
    const { storage } = this.ctx;
    const { kv, sql } = storage;
    kv.delete("a");
    sql.exec("CREATE TABLE IF NOT EXISTS t (a); DELETE FROM t");
    const write = (value) => {
      kv.put(`${value}`, value);
      sql.exec("INSERT INTO t VALUES (?)", value);
    };
    for (const [key] of kv.list()) {
      kv.delete(key);
    }
    storage.transactionSync(() => {
      write(1);
      try {
        storage.transactionSync(() => {
          write(2);
          storage.transactionSync(() => write(3));
          throw new Error("back");
        });
      } catch {}
      storage.transactionSync(() => write(4));
    });
    const rows = [...sql.exec("SELECT a FROM t ORDER BY a").raw()].flat();
    return JSON.stringify([[...kv.list()].map(([, value]) => value), rows]);
  }

  async outlived() {
    let kept;
    await this.ctx.storage.transaction(async (txn) => {
      kept = txn;
    });
    const outcomes = [];
    for (const use of [() => kept.put("late", 1), () => kept.rollback(), () => kept.get("late")]) {
      try {
        outcomes.push(await use());
      } catch (error) {
        outcomes.push(error.name);
      }
    }
    return outcomes.join();
  }

  async nested() {
    const deeper = (depth) =>
      this.ctx.storage.transactionSync(() => (depth === 0 ? this.ctx.storage.kv.put("deep", 1) : deeper(depth - 1)));
    deeper(100);
    const wait = (depth) => this.ctx.storage.transaction(async (txn) => (depth === 0 ? txn.put("deep", 2) : wait(depth - 1)));
    await wait(1000);
  }

  /** The outer one ends while one within is open. */
  async crossed() {
    const { storage } = this.ctx;
    let inner;
    await storage.transaction(async (outer) => {
      inner = storage.transaction(async (txn) => {
        await txn.put("inner", 1);
        await scheduler.wait(5);
        outer.rollback();
      });
      await scheduler.wait(1);
      outer.rollback();
    });
    await inner;
  }

  open() {
    this.ctx.storage.transaction(async (txn) => {
      await txn.put("never", 1);
      await new Promise(() => {});
    });
    return "left open";
  }

  waits() {
    return "let in";
  }
}

function call(stub, method) {
  const patience = method === "waits" ? scheduler.wait(300).then(() => "nobody answers") : new Promise(() => {});
  return Promise.race([stub[method](), patience]);
}

export default objectAttack(call);
