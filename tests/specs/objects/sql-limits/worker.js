import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const numbered = (count, of) => Array.from({ length: count }, (_, i) => of(i)).join(", ");
const says = async (sql, words, text, ...parameters) => {
  const error = await throws(() => sql.exec(text, ...parameters), "Error");
  assert(error.message.includes(words), error.message);
};

export class Room extends inside({
  "texts and blobs": async ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (x)");
    const most = (2 << 20) - 20;
    sql.exec("INSERT INTO t VALUES (?)", "x".repeat(most));
    sql.exec("INSERT INTO t VALUES (?)", new Uint8Array(most));
    equal(sql.exec("SELECT length(x) AS n FROM t").toArray(), [{ n: most }, { n: most }]);
    await says(sql, "too big: SQLITE_TOOBIG", "INSERT INTO t VALUES (?)", "x".repeat((2 << 20) + 1));
    await says(sql, "too big: SQLITE_TOOBIG", "INSERT INTO t VALUES (?)", new Uint8Array((2 << 20) + 1));
    await says(sql, "too big", "SELECT zeroblob(3000000) || 'x'");
    await says(sql, "too big", "SELECT replace(?, 'x', 'yyyy')", "x".repeat(1 << 20));
  },
  "rows": async ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (x, y)");
    const half = "x".repeat(1 << 20);
    await says(sql, "too big", "INSERT INTO t VALUES (?, ?)", half, half);
    sql.exec("INSERT INTO t VALUES (?, ?)", half, half.slice(100));
  },
  "columns": async ({ storage: { sql } }) => {
    sql.exec(`CREATE TABLE t (${numbered(100, (i) => `c${i}`)})`);
    sql.exec(`INSERT INTO t VALUES (${numbered(100, (i) => i)})`);
    equal(Object.keys(sql.exec("SELECT * FROM t").one()).length, 100);
    await says(sql, "too many columns", `CREATE TABLE u (${numbered(101, (i) => `c${i}`)})`);
    await says(sql, "too many columns", `SELECT ${numbered(101, (i) => i)}`);
    await says(sql, "too many columns", "ALTER TABLE t ADD COLUMN one_more");
  },
  "parameters": async ({ storage: { sql } }) => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    equal(sql.exec(`SELECT 5 IN (${numbered(100, () => "?")}) AS found`, ...values).one().found, 1);
    await says(sql, "too many SQL variables", `SELECT 5 IN (${numbered(101, () => "?")}) AS found`, ...values, 100);
    await says(sql, "variable number must be between", "SELECT ?101", ...values, 100);
  },
  "the text": async ({ storage: { sql } }) => {
    const text = (bytes) => `SELECT '${"x".repeat(bytes - "SELECT '' AS t".length)}' AS t`;
    equal(sql.exec(text(100_000)).one().t.length, 100_000 - 14);
    await says(sql, "statement too long", text(100_001));
  },
  "patterns": async ({ storage: { sql } }) => {
    equal(sql.exec("SELECT 'a' LIKE ? AS l, 'a' GLOB ? AS g", "a".repeat(50), "a".repeat(50)).one(), { l: 0, g: 0 });
    await says(sql, "pattern too complex", "SELECT 'a' LIKE ?", "a".repeat(51));
    await says(sql, "pattern too complex", "SELECT 'a' GLOB ?", "a".repeat(51));
  },
  "terms and depth": async ({ storage: { sql } }) => {
    const compound = (count) => Array.from({ length: count }, (_, i) => `SELECT ${i}`).join(" UNION ALL ");
    equal(sql.exec(compound(5)).toArray().length, 5);
    await says(sql, "too many terms in compound SELECT", compound(6));
    await says(sql, "Expression tree is too large", `SELECT ${Array(150).fill("1").join(" + ")}`);
  },
}) {}

export default runInside("ROOMS");
