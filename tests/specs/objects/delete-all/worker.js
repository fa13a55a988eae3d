import { equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

export class Room extends inside({
  "all is gone": async ({ storage }) => {
    const empty = storage.sql.databaseSize;
    await storage.put("a", "x".repeat(100_000));
    storage.sql.exec("CREATE TABLE t (x PRIMARY KEY); CREATE VIEW v AS SELECT x FROM t; CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO t VALUES (1)");
    await storage.setAlarm(Date.now() + 60_000);
    await storage.sync();
    equal(await storage.deleteAll(), undefined);
    equal([await storage.get("a"), [...(await storage.list())], await storage.getAlarm()], [undefined, [], null]);
    await throws(() => storage.sql.exec("SELECT * FROM t"));
    equal([storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one().n, storage.sql.databaseSize <= Math.max(empty, 4096)], [0, true]);
  },
  "what is written behind it stays": async ({ storage }) => {
    await storage.put("a", 1);
    const deleted = storage.deleteAll();
    storage.put("b", 2);
    storage.sql.exec("CREATE TABLE t (x)");
    storage.setAlarm(Date.now() + 60_000);
    await deleted;
    await storage.sync();
    equal([[...(await storage.list())], storage.sql.exec("SELECT * FROM t").toArray(), (await storage.getAlarm()) > 0], [[["b", 2]], [], true]);
    await storage.deleteAlarm();
  },
  "of nothing": async ({ storage }) => {
    await storage.deleteAll();
    await storage.deleteAll();
    equal([...(await storage.list())], []);
  },
  "with a cursor that is open": async ({ storage }) => {
    storage.sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
    const cursor = storage.sql.exec("SELECT * FROM t");
    cursor.next();
    await storage.deleteAll();
    await throws(() => cursor.next());
    equal(storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one().n, 0);
  },
}) { alarm() {} }

export default runInside("ROOMS");
