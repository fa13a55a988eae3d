// An object that computes without end: in a handler, within transactions and sections, in timers, behind its answer, through storage.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const endless = () => {
  for (;;);
};

export class Hostile extends DurableObject {
  lives() {
    return this.ctx.storage.kv.get("lives");
  }

  handler() {
    this.ctx.storage.kv.put("lost", 1);
    endless();
  }

  transaction() {
    return this.ctx.storage.transaction(async (txn) => {
      await txn.put("lost", 1);
      endless();
    });
  }

  section() {
    return this.ctx.blockConcurrencyWhile(async () => {
      for (;;) {
        try {
          await this.ctx.storage.put("lost", 1);
        } catch {}
      }
    });
  }

  timer() {
    setInterval(() => {
      for (let i = 0; i < 1e7; i++) {}
    }, 0);
    return "started";
  }

  behind() {
    this.ctx.waitUntil(scheduler.wait(1).then(endless));
    return "answered";
  }

  rows() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1), (2), (3)");
    for (;;) {
      try {
        sql.exec("SELECT * FROM t").toArray();
      } catch {}
    }
  }

  statements() {
    for (;;) {
      try {
        this.ctx.storage.sql.exec("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c").one();
      } catch {}
    }
  }
}

export default objectAttack();
