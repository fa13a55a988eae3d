import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const refused = async (sql, text) => {
  const error = await throws(() => sql.exec(text), "Error");
  assert(/not authorized|prohibited|no such function|no such module|no such table|cannot VACUUM|transactionSync/.test(error.message), `${text}: ${error.message}`);
};

export class Room extends inside({
  "files": async ({ storage: { sql } }) => {
    for (const text of ["ATTACH 'x' AS x", "ATTACH ':memory:' AS x", "DETACH main", "VACUUM", "VACUUM INTO 'x'", "SELECT load_extension('x')", "SELECT readfile('x')", "SELECT writefile('x', 'y')", "SELECT edit('x')"]) {
      await refused(sql, text);
    }
  },
  "pragmas": async ({ storage: { sql } }) => {
    for (const text of ["journal_mode = DELETE", "journal_mode", "synchronous = OFF", "page_size = 8192", "max_page_count = 9", "writable_schema = 1", "hard_heap_limit = 1", "cache_size = 1", "mmap_size = 1", "temp_store = 1", "user_version = 2", "data_version = 5", "wal_checkpoint", "database_list", "compile_options", "function_list", "trusted_schema = 1", "schema_version = 1", "encoding = 'UTF-16'", "locking_mode = NORMAL"]) {
      await refused(sql, `PRAGMA ${text}`);
    }
  },
  "functions of SQLite's inside": async ({ storage: { sql } }) => {
    for (const call of ["sqlite_version()", "sqlite_source_id()", "sqlite_compileoption_get(0)", "fts3_tokenizer('x')", "sqlite_log(1, 'x')", "sqlite_offset(1)"]) await refused(sql, `SELECT ${call}`);
  },
  "names of the platform's": async ({ storage }) => {
    const { sql } = storage;
    await storage.put("a", 1);
    await storage.setAlarm(Date.now() + 60_000);
    sql.exec("CREATE TABLE t (x)");
    for (const text of ["CREATE TABLE _cf_a (x)", "CREATE TABLE _CF_A (x)", "SELECT * FROM _cf_KV", "SELECT value FROM _cf_METADATA", "DROP TABLE _cf_KV", "DELETE FROM _cf_KV", "UPDATE _cf_KV SET value = 1", "INSERT INTO _cf_KV VALUES ('b', 1)", "ALTER TABLE t RENAME TO _cf_x", "ALTER TABLE _cf_KV RENAME TO x", "CREATE INDEX _cf_i ON t (x)", "CREATE INDEX i ON _cf_KV (value)", "CREATE VIEW v AS SELECT * FROM _cf_KV; SELECT * FROM v", "CREATE TRIGGER g AFTER INSERT ON _cf_KV BEGIN SELECT 1; END", "PRAGMA table_info(_cf_KV)", "CREATE VIRTUAL TABLE _cf_f USING fts5(x)"]) {
      await refused(sql, text);
    }
    equal(await storage.get("a"), 1);
    await storage.deleteAlarm();
  },
  "temporary tables and other modules": async ({ storage: { sql } }) => {
    for (const text of ["CREATE TEMP TABLE t (x)", "CREATE TEMPORARY VIEW v AS SELECT 1", "CREATE VIRTUAL TABLE t USING csv(filename = 'x')", "CREATE VIRTUAL TABLE t USING fts3(x)", "CREATE VIRTUAL TABLE t USING dbstat"]) await refused(sql, text);
  },
  "the schema itself": async ({ storage: { sql } }) => {
    for (const text of ["DELETE FROM sqlite_master", "UPDATE sqlite_schema SET sql = ''", "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, '')"]) {
      assert((await throws(() => sql.exec(text))).message.length > 0, text);
    }
  },
}) { alarm() {} }

export default runInside("ROOMS");
