// SQL that wants out of its database, or at what is the platform's in it.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const ESCAPES = [
  "ATTACH '/etc/passwd' AS other",
  "ATTACH ':memory:' AS other",
  "ATTACH 'file:/proc/self/environ?mode=ro' AS other",
  "DETACH main",
  "VACUUM INTO '/tmp/copy'",
  "SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')",
  "SELECT readfile('/etc/passwd')",
  "SELECT writefile('/tmp/x', 'x')",
  "SELECT edit('x', 'sh')",
  "SELECT fts3_tokenizer('simple')",
  "SELECT fts3_tokenizer('simple', x'0000000000000000')",
  "SELECT sqlite_rename_table('main', 'table', 't', 'CREATE TABLE t (a)', 't', '_cf_KV', 0)",
  "SELECT sqlite_compileoption_get(1)",
  "SELECT sqlite_log(1, 'x')",
  "SELECT * FROM sqlite_dbpage",
  "SELECT * FROM sqlite_dbpage('main')",
  "UPDATE sqlite_dbpage SET data = zeroblob(4096) WHERE pgno = 1",
  "SELECT * FROM sqlite_stmt",
  "SELECT * FROM dbstat",
  "SELECT * FROM bytecode('SELECT 1')",
  "SELECT * FROM fsdir('/')",
  "SELECT * FROM generate_series(1, 10)",
  "SELECT * FROM zipfile('/tmp/x.zip')",
  "SELECT * FROM pragma_database_list",
  "SELECT * FROM pragma_function_list",
  "PRAGMA writable_schema = ON",
  "PRAGMA writable_schema = RESET",
  "PRAGMA trusted_schema = ON",
  "PRAGMA journal_mode = DELETE",
  "PRAGMA journal_mode = WAL",
  "PRAGMA locking_mode = NORMAL",
  "PRAGMA temp_store_directory = '/tmp'",
  "PRAGMA data_store_directory = '/tmp'",
  "PRAGMA mmap_size = 268435456",
  "PRAGMA cache_size = 1000000000",
  "PRAGMA max_page_count = 4294967294",
  "PRAGMA hard_heap_limit = 1",
  "PRAGMA wal_checkpoint(TRUNCATE)",
  "PRAGMA schema_version = 9",
  "SELECT * FROM _cf_KV",
  "SELECT * FROM main.[_CF_kv]",
  "SELECT * FROM _cf_METADATA",
  "INSERT INTO _cf_KV VALUES ('secret', 'forged')",
  "UPDATE _cf_METADATA SET value = 1",
  "DELETE FROM _cf_KV",
  "DROP TABLE _cf_KV",
  "ALTER TABLE t RENAME TO _cf_t",
  "CREATE TABLE _cf_new (a)",
  "CREATE INDEX i ON _cf_KV (value)",
  "CREATE TRIGGER g AFTER INSERT ON _cf_KV BEGIN DELETE FROM t; END",
  "CREATE TABLE copy AS SELECT * FROM _cf_KV",
  "CREATE TEMP TABLE x (a)",
  "CREATE TEMP VIEW x AS SELECT * FROM _cf_KV",
  "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
  "CREATE VIRTUAL TABLE v USING csv(filename = '/etc/passwd')",
  "CREATE VIRTUAL TABLE v USING fts3(a)",
  "CREATE VIRTUAL TABLE v USING sqlite_dbpage",
  "CREATE VIRTUAL TABLE _cf_v USING fts5(a)",
  "INSERT INTO f_config VALUES ('version', 99)",
  "UPDATE f_data SET block = zeroblob(100)",
  "DELETE FROM r_node",
  "UPDATE r_rowid SET nodeno = 99",
  "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a, b, c)' WHERE name = 't'",
  "DELETE FROM sqlite_schema",
  "INSERT INTO sqlite_sequence VALUES ('_cf_KV', 5); SELECT * FROM _cf_KV",
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "SAVEPOINT s",
  "RELEASE s",
  "SELECT 1; COMMIT; BEGIN",
  "EXPLAIN SELECT * FROM _cf_KV",
];

export class Hostile extends DurableObject {
  lives() {}

  escape() {
    const { kv, sql } = this.ctx.storage;
    kv.put("secret", "mine");
    sql.exec("CREATE TABLE IF NOT EXISTS t (a); CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(a)");
    sql.exec("CREATE VIRTUAL TABLE IF NOT EXISTS r USING rtree(id, low, high); DELETE FROM t; INSERT INTO t VALUES (1)");
    const passed = [];
    for (const text of ESCAPES) {
      try {
        passed.push(`${text}: ${JSON.stringify(sql.exec(text).toArray())}`);
      } catch {}
    }
    const left = JSON.stringify([kv.get("secret"), ...sql.exec("SELECT a FROM t").raw()]);
    const check = sql.exec("PRAGMA quick_check").one().quick_check;
    return `${passed.join("; ") || "nothing passed"}, ${left === '["mine",[1]]' && check === "ok" ? "all is there" : left + check}`;
  }
}

export default objectAttack();
