import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const typed = (sql, ...values) => sql.exec(`SELECT ${values.map((_, i) => `typeof(?${i + 1})`).join(", ")}`, ...values).raw().next().value;

export class Room extends inside({
  "from SQL": ({ storage: { sql } }) => {
    equal(sql.exec("SELECT 1, 1.5, 'é😀', NULL, -7, ''").raw().next().value, [1, 1.5, "é😀", null, -7, ""]);
    const { blob, empty } = sql.exec("SELECT x'00ff' AS blob, x'' AS empty").one();
    assert(blob instanceof ArrayBuffer && empty instanceof ArrayBuffer && empty.byteLength === 0);
    equal([...new Uint8Array(blob)], [0, 255]);
    equal(sql.exec("SELECT 9007199254740993 AS n").one().n, 9007199254740992);
    equal([sql.exec("SELECT 1 < 2 AS yes").one().yes, typeof sql.exec("SELECT 1").raw().next().value[0]], [1, "number"]);
  },
  "numbers and texts": ({ storage: { sql } }) => {
    equal(typed(sql, 1.5, "a", null, undefined), ["real", "text", "null", "null"]);
    equal(sql.exec("SELECT ?, ?, ?, ?", 1, -0.5, "é\u0000b", "").raw().next().value, [1, -0.5, "é\u0000b", ""]);
    sql.exec("CREATE TABLE t (i INTEGER, r REAL, x)");
    sql.exec("INSERT INTO t VALUES (?, ?, ?)", 5, 5, 5);
    equal(sql.exec("SELECT typeof(i) AS i, typeof(r) AS r FROM t").one(), { i: "integer", r: "real" });
    equal(sql.exec("SELECT * FROM t WHERE i = ? AND r = ? AND x = ?", 5, 5, 5).one(), { i: 5, r: 5, x: 5 });
    equal([sql.exec("SELECT ? AS n", NaN).one().n, sql.exec("SELECT ? AS n", Infinity).one().n], [null, Infinity]);
  },
  "bytes": ({ storage: { sql } }) => {
    const buffer = new Uint8Array([9, 1, 2, 9]).buffer;
    const views = [buffer, new Uint8Array(buffer, 1, 2), new DataView(buffer, 1, 2), new Uint16Array(buffer, 0, 1)];
    equal(typed(sql, ...views), ["blob", "blob", "blob", "blob"]);
    equal(sql.exec("SELECT hex(?), hex(?), hex(?), hex(?)", ...views).raw().next().value, ["09010209", "0102", "0102", "0901"]);
    equal(sql.exec("SELECT length(?) AS n", new ArrayBuffer(0)).one().n, 0);
    const bound = new Uint8Array([1]);
    sql.exec("CREATE TABLE t (x)");
    sql.exec("INSERT INTO t VALUES (?)", bound);
    bound[0] = 2;
    equal([...new Uint8Array(sql.exec("SELECT x FROM t").one().x)], [1]);
  },
  "what is none of these is bound as text": ({ storage: { sql } }) => {
    equal(typed(sql, true, {}, [1, 2]), ["text", "text", "text"]);
    equal(sql.exec("SELECT ?, ?, ?, ?", true, false, [1, 2], { toString: () => "own" }).raw().next().value, ["true", "false", "1,2", "own"]);
    equal(sql.exec("SELECT ? AS d", new Date(0)).one().d, String(new Date(0)));
  },
  "a symbol is refused, and what throws": async ({ storage: { sql } }) => {
    await throws(() => sql.exec("SELECT ?", Symbol("s")), "TypeError");
    await throws(() => sql.exec("SELECT ?", { toString() { throw new RangeError("own"); } }), "RangeError");
  },
  "a BigInt has 64 bits": async ({ storage: { sql } }) => {
    equal(typed(sql, 5n), ["integer"]);
    equal(sql.exec("SELECT CAST(? AS TEXT) AS n", 2n ** 63n - 1n).one().n, "9223372036854775807");
    await throws(() => sql.exec("SELECT ?", 2n ** 63n), "RangeError");
  },
  "the text must be one": async ({ storage: { sql } }) => {
    for (const wrong of [undefined, null, 5, {}]) await throws(() => sql.exec(wrong), "TypeError");
  },
}) {}

export default runInside("ROOMS");
