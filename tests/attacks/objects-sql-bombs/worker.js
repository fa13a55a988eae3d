// Statements whose time or space has no end: each is stopped, or refused, and the object serves on.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const BOMBS = {
  endless: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
  endless_write: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) INSERT INTO t SELECT x FROM c",
  distinct: "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c) SELECT count(*) FROM c",
  product: "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g",
  sort: "SELECT a.rowid FROM t a, t b, t c, t d ORDER BY random()",
  group: "SELECT count(*) FROM (SELECT DISTINCT a.rowid * b.rowid * c.rowid + d.rowid FROM t a, t b, t c, t d)",
  like:
    "SELECT count(*) FROM t WHERE replace(hex(zeroblob(900000)), '0', 'ab') LIKE '%a%b%a%b%a%b%a%b%a%b%a%b%c'",
  glob:
    "SELECT count(*) FROM t WHERE replace(hex(zeroblob(900000)), '0', 'ab') GLOB '*a*b*a*b*a*b*a*b*a*b*a*b*c'",
  blob: "SELECT randomblob(2000000000)",
  zero: "SELECT hex(zeroblob(2147483647))",
  padding: "SELECT printf('%2147483647d', 1)",
  padding_given: "SELECT printf('%*d', 2147483647, 1)",
  precision: "SELECT format('%.*f', 2147483647, 1e308)",
  concat: "SELECT group_concat(randomblob(100000)) FROM t a, t b",
  doubling: "WITH RECURSIVE c(x) AS (SELECT 'ab' UNION ALL SELECT x || x FROM c) SELECT length(max(x)) FROM c",
  json: "SELECT json_group_array(randomblob(9)) FROM t a, t b, t c, t d",
  json_deep:
    "WITH RECURSIVE c(x, n) AS (SELECT '1', 0 UNION ALL SELECT '[' || x || ']', n + 1 FROM c WHERE n < 200000) SELECT json(x) FROM c",
  trigger: "INSERT INTO u VALUES (1)",
  regexp:
    "SELECT count(*) FROM t a, t b, t c, t d WHERE 'aaaaaaaaaaaaaaaaaaaaaaaaaa' LIKE '%a%a%a%a%a%a%a%a%a%a%b'",
  fts: "SELECT count(*) FROM f WHERE f MATCH 'a* OR b* OR a* NOT b* OR NEAR(a b, 100000)'",
};

export class Hostile extends DurableObject {
  lives() {
    this.ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS t (a);
      CREATE TABLE IF NOT EXISTS u (a);
      CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(a);
      PRAGMA recursive_triggers = ON;
      CREATE TRIGGER IF NOT EXISTS u_u AFTER INSERT ON u BEGIN INSERT INTO u VALUES (new.a + 1); END`);
    if (this.ctx.storage.sql.exec("SELECT count(*) AS n FROM t").one().n < 100) {
      this.ctx.storage.sql.exec("WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100) INSERT INTO t SELECT x FROM c");
      this.ctx.storage.sql.exec("INSERT INTO f SELECT hex(randomblob(1000)) FROM t");
    }
  }

  explode(name) {
    this.lives();
    const { length } = JSON.stringify(this.ctx.storage.sql.exec(BOMBS[name]).toArray());
    return length < 4_000_000 ? "bounded" : `${length} characters`;
  }
}

export default objectAttack((stub, name) => stub.explode(name));
