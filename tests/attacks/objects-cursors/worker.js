// Thousands of cursors that are not read to their ends, and cursors over tables that change and go away meanwhile.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

export class Hostile extends DurableObject {
  #open = [];

  lives() {
    return this.ctx.storage.sql.exec("SELECT 1 AS one").one().one;
  }

  #fill() {
    this.ctx.storage.sql.exec(`DROP TABLE IF EXISTS t; CREATE TABLE t (a INTEGER PRIMARY KEY, b);
      WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 500) INSERT INTO t SELECT x, hex(randomblob(50)) FROM c`);
  }

  thousands() {
    this.#fill();
    for (let i = 0; i < 3000; i++) {
      const cursor = this.ctx.storage.sql.exec("SELECT * FROM t WHERE a > ?", i % 400);
      cursor.next();
      this.#open.push(cursor);
    }
    let read = 0;
    for (const cursor of this.#open) {
      try {
        read += cursor.next().done ? 0 : 1;
      } catch {}
    }
    return read;
  }

  changing() {
    const { sql } = this.ctx.storage;
    let seen = 0;
    for (let round = 0; round < 20; round++) {
      this.#fill();
      const cursors = Array.from({ length: 5 }, () => sql.exec("SELECT a, b FROM t ORDER BY a"));
      const raw = sql.exec("SELECT * FROM t").raw();
      const changes = [
        "DELETE FROM t WHERE a % 2 = 0",
        "INSERT INTO t SELECT a + 1000, b FROM t",
        "ALTER TABLE t ADD COLUMN c DEFAULT 'c'",
        "UPDATE t SET a = a + 100000",
        "CREATE INDEX t_b ON t (b)",
        "DROP TABLE t",
      ];
      for (const change of changes) {
        for (const cursor of [...cursors, raw]) {
          try {
            seen += cursor.next().done ? 0 : 1;
          } catch {}
        }
        try {
          sql.exec(change);
        } catch {}
      }
      for (const cursor of cursors) {
        try {
          seen += cursor.toArray().length;
        } catch {}
      }
    }
    return seen;
  }
}

export default objectAttack();
