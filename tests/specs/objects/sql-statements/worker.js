import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const says = async (sql, words, text, ...parameters) => {
  const error = await throws(() => sql.exec(text, ...parameters), "Error");
  assert(error.message.includes(words), `${text}: ${error.message}`);
};

export class Room extends inside({
  "several in a text": ({ storage: { sql } }) => {
    equal(sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2); SELECT x FROM t ORDER BY x DESC;").toArray(), [{ x: 2 }, { x: 1 }]);
    equal(sql.exec("SELECT 1 AS a; SELECT ? AS b", 5).one(), { b: 5 });
    equal(sql.exec("SELECT 1 AS a; \n\t").one(), { a: 1 });
  },
  "only the last has parameters": async ({ storage: { sql } }) => {
    await says(sql, "only the last statement can have parameters", "SELECT ?; SELECT 1", 5);
    await says(sql, "Wrong number of parameter bindings", "SELECT ?");
    await says(sql, "Wrong number of parameter bindings", "SELECT ?, ?", 1);
    await says(sql, "Wrong number of parameter bindings", "SELECT ?", 1, 2);
    await says(sql, "Wrong number of parameter bindings", "SELECT 1", 1);
  },
  "parameters by number and by name": ({ storage: { sql } }) => {
    equal(sql.exec("SELECT ?2 AS a, ?1 AS b, ?2 AS c", 1, 2).one(), { a: 2, b: 1, c: 2 });
    equal(sql.exec("SELECT :a AS a, @b AS b, $c AS c, :a AS d", 1, 2, 3).one(), { a: 1, b: 2, c: 3, d: 1 });
  },
  "no statement": async ({ storage: { sql } }) => {
    for (const text of ["", " ", ";", "-- a comment", "SELECT 1; -- a comment"]) await says(sql, "did not contain a statement", text);
  },
  "errors say where": async ({ storage: { sql } }) => {
    await says(sql, "syntax error at offset 7: SQLITE_ERROR", "SELECT ;");
    await says(sql, "no such table: missing", "SELECT * FROM missing");
    sql.exec("CREATE TABLE t (x INTEGER PRIMARY KEY, y UNIQUE NOT NULL CHECK (y <> 'bad')); INSERT INTO t VALUES (1, 'a')");
    await says(sql, "UNIQUE constraint failed: t.x: SQLITE_CONSTRAINT", "INSERT INTO t VALUES (1, 'b')");
    await says(sql, "UNIQUE constraint failed: t.y", "INSERT INTO t VALUES (2, 'a')");
    await says(sql, "NOT NULL constraint failed: t.y", "INSERT INTO t VALUES (2, NULL)");
    await says(sql, "CHECK constraint failed", "INSERT INTO t VALUES (2, 'bad')");
    await says(sql, "datatype mismatch: SQLITE_MISMATCH", "INSERT INTO t VALUES ('x', 'b')");
    equal(sql.exec("SELECT count(*) AS n FROM t").one().n, 1);
  },
  "what ran before an error stays": async ({ storage: { sql } }) => {
    await says(sql, "missing", "CREATE TABLE t (x); INSERT INTO t VALUES (1); SELECT * FROM missing");
    equal(sql.exec("SELECT x FROM t").toArray(), [{ x: 1 }]);
    await says(sql, "no such", "INSERT INTO t VALUES (2); INSERT INTO t SELECT missing FROM t");
    equal(sql.exec("SELECT x FROM t").toArray(), [{ x: 1 }, { x: 2 }]);
  },
  "RETURNING": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
    equal(sql.exec("INSERT INTO t (x) VALUES ('a'), ('b') RETURNING id, x").toArray(), [{ id: 1, x: "a" }, { id: 2, x: "b" }]);
    sql.exec("INSERT INTO t (x) VALUES ('c') RETURNING id");
    equal([sql.exec("SELECT count(*) AS n FROM t").one().n, sql.exec("DELETE FROM t RETURNING x").toArray().length], [3, 3]);
  },
  "foreign keys hold, and can be deferred": async ({ storage }) => {
    const { sql } = storage;
    sql.exec("CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id REFERENCES users (id))");
    await says(sql, "FOREIGN KEY constraint failed", "INSERT INTO posts (user_id) VALUES (1)");
    storage.transactionSync(() => {
      sql.exec("PRAGMA defer_foreign_keys = ON");
      sql.exec("INSERT INTO posts (user_id) VALUES (1)");
      sql.exec("INSERT INTO users VALUES (1)");
    });
    await storage.sync();
    equal(sql.exec("SELECT count(*) AS n FROM posts").one().n, 1);
  },
  "a table that was altered": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    equal(sql.exec("SELECT * FROM t").toArray(), [{ a: 1 }]);
    sql.exec("ALTER TABLE t ADD COLUMN b");
    equal(sql.exec("SELECT * FROM t").toArray(), [{ a: 1, b: null }]);
    sql.exec("ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN b");
    equal(sql.exec("SELECT * FROM u").toArray(), [{ c: 1 }]);
  },
  "databaseSize": ({ storage: { sql } }) => {
    const before = sql.databaseSize;
    sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))");
    const full = sql.databaseSize;
    sql.exec("DROP TABLE t");
    assert(full >= before + 100_000 && full % 4096 === 0 && sql.databaseSize < full);
  },
}) {}

export default runInside("ROOMS");
