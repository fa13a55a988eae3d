import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

export class Room extends inside({
  "it stays": ({ storage }) => {
    equal(storage.transactionSync(() => (storage.kv.put("a", 1), "result")), "result");
    equal(storage.kv.get("a"), 1);
  },
  "an error takes all back": async ({ storage }) => {
    storage.kv.put("a", 1);
    storage.sql.exec("CREATE TABLE t (x)");
    await storage.sync();
    const error = await throws(() => storage.transactionSync(() => {
      storage.kv.put("a", 2);
      storage.put("b", 2);
      storage.setAlarm(Date.now() + 60_000);
      storage.sql.exec("INSERT INTO t VALUES (1)");
      storage.sql.exec("CREATE TABLE other (x)");
      throw new RangeError("no");
    }), "RangeError");
    equal([error.message, storage.kv.get("a"), storage.kv.get("b"), await storage.getAlarm(), storage.sql.exec("SELECT count(*) AS n FROM t").one().n], ["no", 1, undefined, null, 0]);
    await throws(() => storage.sql.exec("SELECT * FROM other"));
  },
  "an error of SQL as well": async ({ storage }) => {
    await throws(() => storage.transactionSync(() => {
      storage.sql.exec("CREATE TABLE t (x)");
      storage.sql.exec("SELECT * FROM misspelled");
    }));
    equal(storage.sql.exec("SELECT * FROM sqlite_master WHERE name = 't'").toArray(), []);
  },
  "within another": ({ storage }) => {
    storage.transactionSync(() => {
      storage.kv.put("a", 1);
      try {
        storage.transactionSync(() => {
          storage.kv.put("a", 2);
          storage.transactionSync(() => storage.kv.put("b", 1));
          throw new Error("no");
        });
      } catch {}
      equal([storage.kv.get("a"), storage.kv.get("b")], [1, undefined]);
      storage.transactionSync(() => storage.kv.put("c", 1));
    });
    equal([...storage.kv.list()], [["a", 1], ["c", 1]]);
  },
  "the first use of a table can be taken back": async ({ storage }) => {
    try {
      storage.transactionSync(() => {
        storage.kv.put("a", 1);
        storage.setAlarm(Date.now() + 60_000);
        throw new Error("no");
      });
    } catch {}
    storage.kv.put("a", 2);
    await storage.setAlarm(Date.now() + 60_000);
    assert((await storage.getAlarm()) > 0 && storage.kv.get("a") === 2);
    await storage.deleteAlarm();
  },
  "a promise is a value": async ({ storage }) => {
    const promise = storage.transactionSync(async () => {
      storage.kv.put("a", 1);
      return 5;
    });
    equal([storage.kv.get("a"), await promise], [1, 5]);
  },
  "within transaction()": async ({ storage }) => {
    await storage.transaction(async (txn) => {
      storage.transactionSync(() => storage.kv.put("a", 1));
      await txn.put("b", 1);
      txn.rollback();
    });
    equal([...storage.kv.list()], []);
  },
  "what is no function": async ({ storage }) => {
    for (const wrong of [undefined, null, 5, {}]) await throws(() => storage.transactionSync(wrong), "TypeError");
  },
  "BEGIN and SAVEPOINT are refused": async ({ storage }) => {
    for (const text of ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE a"]) {
      assert((await throws(() => storage.sql.exec(text))).message.includes("transactionSync()"), text);
    }
  },
}) { alarm() {} }

export default runInside("ROOMS");
