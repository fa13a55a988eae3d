import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Room extends inside({
  "it stays": async ({ storage }) => {
    const result = await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await txn.put({ b: 2, c: 3 });
      equal([await txn.get("a"), [...(await txn.get(["a", "b"]))], await txn.delete("c"), [...(await txn.list({ prefix: "b" })).keys()]], [1, [["a", 1], ["b", 2]], true, ["b"]]);
      await later(1);
      return "result";
    });
    equal([result, [...(await storage.list()).keys()]], ["result", ["a", "b"]]);
  },
  "an error takes all back": async ({ storage }) => {
    await storage.put("a", 1);
    const error = await throws(() => storage.transaction(async (txn) => {
      await txn.put("a", 2);
      await storage.put("b", 2);
      storage.sql.exec("CREATE TABLE t (x)");
      await later(1);
      throw new RangeError("no");
    }), "RangeError");
    equal([error.message, [...(await storage.list())]], ["no", [["a", 1]]]);
    await throws(() => storage.sql.exec("SELECT * FROM t"));
  },
  "rollback": async ({ storage }) => {
    const result = await storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await txn.setAlarm(Date.now() + 60_000);
      txn.rollback();
      txn.rollback();
      for (const call of [() => txn.get("a"), () => txn.put("a", 2), () => txn.list(), () => txn.delete("a"), () => txn.setAlarm(1e15), () => txn.getAlarm(), () => txn.deleteAlarm()]) {
        assert((await throws(call)).message.includes("rolled back"));
      }
      return "result";
    });
    equal([result, await storage.get("a"), await storage.getAlarm()], ["result", undefined, null]);
  },
  "after its end": async ({ storage }) => {
    let kept;
    await storage.transaction(async (txn) => {
      kept = txn;
    });
    for (const call of [() => kept.get("a"), () => kept.put("a", 1), () => kept.rollback()]) {
      assert((await throws(call)).message.includes("already committed"));
    }
    equal(await storage.get("a"), undefined);
  },
  "within another": async ({ storage }) => {
    await storage.transaction(async (outer) => {
      await outer.put("a", 1);
      await storage.transaction(async (inner) => {
        await inner.put("b", 1);
        await later(1);
        equal(await inner.get("a"), 1);
      });
      await throws(() => storage.transaction(async (inner) => {
        await inner.put("a", 5);
        throw new Error("the inner one alone");
      }));
      equal([await outer.get("a"), await outer.get("b")], [1, 1]);
    });
    equal([...(await storage.list())], [["a", 1], ["b", 1]]);
    await storage.transaction(async (outer) => {
      await storage.transaction(async (inner) => await inner.put("c", 1));
      outer.rollback();
    });
    equal(await storage.get("c"), undefined);
  },
  "no deleteAll() within": async ({ storage }) => {
    await storage.put("a", 1);
    await storage.transaction(async (txn) => void (await throws(() => txn.deleteAll())));
    equal(await storage.get("a"), 1);
  },
  "a closure that does not wait": async ({ storage }) => {
    equal(await storage.transaction((txn) => (txn.put("a", 1), 5)), 5);
    await throws(() => storage.transaction(() => {
      throw new TypeError("at once");
    }), "TypeError");
    for (const wrong of [undefined, null, 5, {}]) await throws(() => storage.transaction(wrong), "TypeError");
    equal(await storage.get("a"), 1);
  },
  "one after the other": async ({ storage }) => {
    const add = () => storage.transaction(async (txn) => {
      const n = (await txn.get("n")) ?? 0;
      await later(1);
      await txn.put("n", n + 1);
    });
    await Promise.all([add(), add(), add(), add()]);
    equal(await storage.get("n"), 4);
  },
}) { alarm() {} }

export default runInside("ROOMS");
