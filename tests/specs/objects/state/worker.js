import { assert, equal, throws } from "../../check.js";
import { inside, runInside } from "../../inside.js";

export class Room extends inside({
  "what is there": (ctx) => {
    for (const name of ["waitUntil", "blockConcurrencyWhile", "abort"]) equal(typeof ctx[name], "function", name);
    for (const name of ["id", "storage", "props", "exports"]) equal(typeof ctx[name], "object", name);
    for (const name of ["get", "put", "delete", "list", "deleteAll", "transaction", "transactionSync", "sync", "getAlarm", "setAlarm", "deleteAlarm"]) equal(typeof ctx.storage[name], "function", name);
    for (const name of ["get", "put", "delete", "list"]) equal(typeof ctx.storage.kv[name], "function", name);
    equal([typeof ctx.storage.sql.exec, typeof ctx.storage.sql.databaseSize, ctx.constructor.name], ["function", "number", "DurableObjectState"]);
  },
  "one each": (ctx) => assert(ctx.storage === ctx.storage && ctx.storage.sql === ctx.storage.sql && ctx.storage.kv === ctx.storage.kv && ctx.id === ctx.id && ctx.exports === ctx.exports),
  "it is that of the instance": function (ctx, env) {
    assert(this.ctx === ctx && this.env === env);
    equal(ctx.id.name, "it is that of the instance");
  },
  "cannot be made, nor cloned": async (ctx) => {
    for (const value of [ctx, ctx.storage, ctx.storage.sql, ctx.storage.kv]) {
      await throws(() => new value.constructor(), "TypeError");
      await throws(() => structuredClone(value), "DataCloneError");
    }
  },
  "methods want their object": async (ctx) => {
    const { get } = ctx.storage;
    await throws(() => get("a"), "TypeError");
    await throws(() => get.call({}, "a"), "TypeError");
    await throws(() => ctx.storage.sql.exec.call(ctx, "SELECT 1"), "TypeError");
  },
  "sync()": async ({ storage }) => {
    storage.kv.put("a", 1);
    equal([await storage.sync(), await storage.sync()], [undefined, undefined]);
  },
  "sync() after writes that change nothing": async ({ storage }) => {
    for (let i = 0; i < 3; i++) {
      storage.kv.put("a", 1);
      equal(await storage.sync(), undefined);
    }
    storage.sql.exec("CREATE TABLE IF NOT EXISTS t (x)");
    await storage.sync();
    storage.sql.exec("DELETE FROM t");
    await storage.sync();
  },
  "props": (ctx) => equal({ ...ctx.props }, {}),
}) {}

export default runInside("ROOMS");
