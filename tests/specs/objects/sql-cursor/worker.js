import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const THREE = "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3";

export class Room extends inside({
  "next": ({ storage: { sql } }) => {
    const cursor = sql.exec(THREE);
    equal([cursor.next(), cursor.next(), cursor.next()], [1, 2, 3].map((n) => ({ done: false, value: { n } })));
    equal([cursor.next().done, cursor.next().done], [true, true]);
  },
  "toArray": ({ storage: { sql } }) => {
    const cursor = sql.exec(THREE);
    equal([cursor.toArray(), cursor.toArray()], [[{ n: 1 }, { n: 2 }, { n: 3 }], []]);
    const begun = sql.exec(THREE);
    begun.next();
    equal(begun.toArray(), [{ n: 2 }, { n: 3 }]);
  },
  "one": async ({ storage: { sql } }) => {
    const cursor = sql.exec("SELECT 1 AS n, 'a' AS text");
    equal([cursor.one(), [...cursor]], [{ n: 1, text: "a" }, []]);
    assert((await throws(() => sql.exec(THREE).one())).message.includes("multiple results"));
    assert((await throws(() => sql.exec("SELECT 1 WHERE 0").one())).message.includes("no results"));
  },
  "iteration": ({ storage: { sql } }) => {
    const seen = [];
    for (const row of sql.exec(THREE)) seen.push(row.n);
    equal([seen, [...sql.exec(THREE)].length, Array.from(sql.exec(THREE), ({ n }) => n)], [[1, 2, 3], 3, [1, 2, 3]]);
    const left = sql.exec(THREE);
    for (const row of left) if (row.n === 1) break;
    equal(left.toArray(), [{ n: 2 }, { n: 3 }]);
  },
  "raw": ({ storage: { sql } }) => {
    const raw = sql.exec("SELECT 1 AS a, 2 AS a, 'x'").raw();
    equal([raw.next(), raw.next().done, [...sql.exec(THREE).raw()], sql.exec(THREE).raw().toArray()], [{ done: false, value: [1, 2, "x"] }, true, [[1], [2], [3]], [[1], [2], [3]]]);
    const cursor = sql.exec(THREE);
    cursor.next();
    equal([[...cursor.raw()], [...cursor]], [[[2], [3]], []]);
    equal([...sql.exec(THREE).raw().map(([n]) => n * 2).take(2)], [2, 4]);
  },
  "names of columns": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE a (x, y); CREATE TABLE b (y, z); INSERT INTO a VALUES (1, 2); INSERT INTO b VALUES (3, 4)");
    const cursor = sql.exec("SELECT * FROM a, b");
    equal(cursor.columnNames, ["x", "y", "y", "z"]);
    equal([cursor.toArray(), cursor.columnNames], [[{ x: 1, y: 3, z: 4 }], ["x", "y", "y", "z"]]);
    equal(sql.exec("SELECT x + 1, 'a', count(*) AS \"n m\", ? FROM a", 5).columnNames, ["x + 1", "'a'", "n m", "?"]);
    equal([sql.exec("UPDATE a SET x = 1").columnNames, sql.exec("UPDATE a SET x = 1 RETURNING y").columnNames, sql.exec("SELECT x FROM a WHERE 0").columnNames], [[], ["y"], ["x"]]);
    const odd = sql.exec('SELECT 1 AS "__proto__", 2 AS "constructor"').one();
    equal([Object.keys(odd), Object.getPrototypeOf(odd) === Object.prototype], [["__proto__", "constructor"], true]);
  },
  "several at once": ({ storage: { sql } }) => {
    const [one, two] = [sql.exec(THREE), sql.exec(THREE)];
    equal([one.next().value.n, two.next().value.n, two.next().value.n, one.next().value.n], [1, 1, 2, 2]);
    const pairs = [];
    for (const { n: a } of sql.exec(THREE)) for (const { n: b } of sql.exec(THREE)) pairs.push(a * b);
    equal(pairs, [1, 2, 3, 2, 4, 6, 3, 6, 9]);
  },
  "over an await, and a write": async ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)");
    const cursor = sql.exec("SELECT x FROM t");
    equal(cursor.next().value, { x: 1 });
    sql.exec("CREATE TABLE other (x)");
    await new Promise((resolve) => setTimeout(resolve, 1));
    equal(cursor.toArray(), [{ x: 2 }, { x: 3 }]);
  },
  "rows read and written": ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (x INTEGER PRIMARY KEY, y); CREATE TABLE i (x, y); CREATE INDEX iy ON i (y)");
    equal([sql.exec("INSERT INTO t (y) VALUES (1), (2), (3)").rowsWritten, sql.exec("INSERT INTO i VALUES (1, 2)").rowsWritten], [3, 2]);
    const cursor = sql.exec("SELECT * FROM t");
    cursor.toArray();
    equal([cursor.rowsRead, cursor.rowsWritten], [3, 0]);
    const updated = sql.exec("UPDATE t SET y = 0 WHERE x > 1");
    equal([updated.rowsWritten, sql.exec("DELETE FROM t WHERE x = 1").rowsWritten, sql.exec("SELECT 1").rowsRead], [2, 1, 0]);
    const begun = sql.exec("SELECT * FROM t");
    begun.next();
    assert(begun.rowsRead >= 1 && begun.rowsRead <= 2);
  },
  "a cursor cannot be made or cloned": async ({ storage: { sql } }) => {
    const cursor = sql.exec("SELECT 1");
    assert(cursor instanceof sql.Cursor);
    await throws(() => new sql.Cursor(), "TypeError");
    await throws(() => structuredClone(cursor), "DataCloneError");
  },
}) {}

export default runInside("ROOMS");
