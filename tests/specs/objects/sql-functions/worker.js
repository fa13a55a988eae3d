import { assert, equal } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const row = (sql, text, ...parameters) => sql.exec(text, ...parameters).raw().next().value;

export class Room extends inside({
  "JSON": ({ storage: { sql } }) => {
    equal(row(sql, `SELECT '{"a":[1,{"b":"x"}]}' -> '$.a', '{"a":[1,{"b":"x"}]}' ->> '$.a[1].b', json_extract('[1,2]', '$[1]'), json_valid('{')`), ['[1,{"b":"x"}]', "x", 2, 0]);
    equal(sql.exec("SELECT value FROM json_each(?)", "[1,\"a\",null]").toArray(), [{ value: 1 }, { value: "a" }, { value: null }]);
    sql.exec("CREATE TABLE t (k, v); INSERT INTO t VALUES ('a', 1), ('b', 2)");
    equal(row(sql, "SELECT json_group_array(v), json_group_object(k, v), json(jsonb('[1]')) FROM t"), ["[1,2]", '{"a":1,"b":2}', "[1]"]);
  },
  "math, texts and dates": ({ storage: { sql } }) => {
    equal(row(sql, "SELECT cos(0), pow(2, 10), floor(-1.5), mod(7, 4), sign(-3), sqrt(81)"), [1, 1024, -2, 3, -1, 9]);
    equal(row(sql, "SELECT upper('a'), substr('hello', 2, 3), instr('hello', 'l'), replace('aba', 'a', 'c'), hex('a'), printf('%03d', 5), trim('  x ')"), ["A", "ell", 3, "cbc", "61", "005", "x"]);
    equal(row(sql, "SELECT date(0, 'unixepoch'), strftime('%Y', '2020-05-05'), unixepoch('1970-01-02')"), ["1970-01-01", "2020", 86400]);
    assert(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(row(sql, "SELECT current_timestamp")[0]));
  },
  "windows and recursion": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (3), (1), (2)");
    equal([...sql.exec("SELECT x, row_number() OVER (ORDER BY x), sum(x) OVER (ORDER BY x) FROM t ORDER BY x").raw()], [[1, 1, 1], [2, 2, 3], [3, 3, 6]]);
    equal(row(sql, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) SELECT sum(n) FROM c"), [5050]);
  },
  "full text search": ({ storage: { sql } }) => {
    sql.exec("CREATE VIRTUAL TABLE docs USING FTS5(title, body, tokenize = porter); CREATE VIRTUAL TABLE words USING fts5vocab(docs, row)");
    sql.exec("INSERT INTO docs VALUES ('one', 'the contents of document 1'), ('two', 'the content of document 2 (of 2)')");
    equal(sql.exec("SELECT title FROM docs WHERE docs MATCH 'contents' ORDER BY rank").toArray().length, 2);
    equal(row(sql, "SELECT highlight(docs, 1, '<b>', '</b>'), bm25(docs) < 0 FROM docs WHERE docs MATCH '2'"), ["the content of document <b>2</b> (of <b>2</b>)", 1]);
    assert(row(sql, "SELECT snippet(docs, 1, '[', ']', '...', 3) FROM docs WHERE docs MATCH '2'")[0].includes("[2]"));
    equal(row(sql, "SELECT doc FROM words WHERE term = 'document'"), [2]);
  },
  "R-trees": ({ storage: { sql } }) => {
    sql.exec("CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1); INSERT INTO boxes VALUES (1, 0, 1, 0, 1), (2, 5, 6, 5, 6)");
    equal(sql.exec("SELECT id FROM boxes WHERE x0 >= 4 AND y1 <= 7").toArray(), [{ id: 2 }]);
  },
  "upserts, triggers, views, generated columns, strict tables": ({ storage: { sql } }) => {
    sql.exec(`
      CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER, doubled INTEGER GENERATED ALWAYS AS (n * 2)) STRICT;
      CREATE TABLE log (text);
      CREATE TRIGGER logged AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (old.n || ' to ' || new.n); END;
      CREATE VIEW large AS SELECT k FROM t WHERE n > 5;
    `);
    for (const n of [1, 9]) sql.exec("INSERT INTO t (k, n) VALUES ('a', ?) ON CONFLICT (k) DO UPDATE SET n = excluded.n", n);
    equal([row(sql, "SELECT n, doubled FROM t"), row(sql, "SELECT text FROM log"), row(sql, "SELECT k FROM large")], [[9, 18], ["1 to 9"], ["a"]]);
  },
  "pragmas that tell": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (a TEXT, b INTEGER); CREATE INDEX i ON t (a)");
    equal(sql.exec("PRAGMA table_info(t)").toArray().map(({ name, type }) => [name, type]), [["a", "TEXT"], ["b", "INTEGER"]]);
    equal([sql.exec("PRAGMA index_list(t)").one().name, sql.exec("PRAGMA index_info(i)").one().name, sql.exec("PRAGMA quick_check").one().quick_check], ["i", "a", "ok"]);
    assert(sql.exec("PRAGMA table_list").toArray().some(({ name }) => name === "t"));
    equal([sql.exec("PRAGMA foreign_key_check").toArray(), sql.exec("PRAGMA optimize").toArray(), sql.exec("ANALYZE").toArray()], [[], [], []]);
  },
}) {}

export default runInside("ROOMS");
