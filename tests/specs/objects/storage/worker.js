import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Room extends DurableObject {
  async values() {
    const { storage } = this.ctx;
    await storage.put("a", { n: 1, when: new Date(5), bytes: new Uint8Array([1, 2]) });
    await storage.put({ b: 2, c: 3 });
    const some = await storage.get(["a", "b", "missing"]);
    const listed = [...(await storage.list({ prefix: "b" })).keys()];
    return [await storage.get("a"), [...some.keys()], listed, await storage.delete("c"), await storage.get("c")];
  }
  kv() {
    const { kv } = this.ctx.storage;
    kv.put("x", [1, 2]);
    return [kv.get("x"), kv.delete("x"), kv.get("x")];
  }
  sql() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name TEXT, data BLOB)");
    sql.exec("INSERT INTO t (name, data) VALUES (?, ?), (?, ?)", "one", new Uint8Array([9]), "two", null);
    const cursor = sql.exec("SELECT id, name FROM t ORDER BY id");
    const rows = cursor.toArray();
    return [cursor.columnNames, rows, sql.exec("SELECT count(*) AS n FROM t").one().n, [...sql.exec("SELECT name FROM t").raw()], sql.databaseSize > 0];
  }
  rollback() {
    const { storage } = this.ctx;
    storage.kv.put("kept", 1);
    try {
      storage.transactionSync(() => {
        storage.kv.put("kept", 2);
        throw new Error("no");
      });
    } catch {}
    return storage.kv.get("kept");
  }
  escape(text) {
    return this.ctx.storage.sql.exec(text).toArray();
  }
  async count() {
    const n = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", n);
    return n;
  }
}

export default checks({
  "values": async (_, env) => {
    const [a, some, listed, deleted, gone] = await env.ROOMS.getByName("values").values();
    equal([a.n, a.when, a.bytes], [1, new Date(5), new Uint8Array([1, 2])]);
    equal([some, listed, deleted, gone], [["a", "b"], ["b"], true, undefined]);
  },
  "the synchronous storage": async (_, env) => equal(await env.ROOMS.getByName("kv").kv(), [[1, 2], true, undefined]),
  "sql": async (_, env) => {
    const [names, rows, count, raw, hasSize] = await env.ROOMS.getByName("sql").sql();
    equal(names, ["id", "name"]);
    equal(rows.map((row) => ({ ...row })), [{ id: 1, name: "one" }, { id: 2, name: "two" }]);
    equal([count, raw, hasSize], [2, [["one"], ["two"]], true]);
  },
  "a transaction that throws is rolled back": async (_, env) => equal(await env.ROOMS.getByName("rollback").rollback(), 1),
  "what was stored is there for the next call": async (_, env) => {
    const room = env.ROOMS.getByName("count");
    equal([await room.count(), await room.count(), await room.count()], [1, 2, 3]);
    equal(await env.ROOMS.getByName("other count").count(), 1);
  },
  "sql does not leave the object": async (_, env) => {
    const room = env.ROOMS.getByName("escape");
    for (const text of ["ATTACH DATABASE '/tmp/x' AS x", "PRAGMA journal_mode = WAL", "SELECT load_extension('x')", "VACUUM INTO '/tmp/x'"]) {
      const error = await throws(() => room.escape(text));
      assert(/not authorized|no such function|not allowed|prohibited|cannot VACUUM/i.test(error.message), `${text}: ${error.message}`);
    }
  },
});
