import { DurableObject } from "cloudflare:workers";

const messageOf = async (run) => {
  try {
    return `no error: ${JSON.stringify(await run())}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What an object does on a request for a path of this name. */
const CASES = {
  async put({ storage }, { searchParams }) {
    await storage.put(searchParams.get("key"), searchParams.get("value"));
    return "put";
  },
  get: ({ storage }, { searchParams }) => storage.get(searchParams.get("key")),
  async values({ storage }) {
    const cycle = { name: "cycle" };
    cycle.self = cycle;
    const values = [
      null, true, 1.5, -0, 12n, "é\u{1f600}", [1, , 3], new Date(5), /a/g, new Map([[1, { a: 2 }]]), new Set([3]),
      new Uint8Array([1, 2]), new RangeError("r"),
    ];
    await storage.put({ values, cycle, skipped: undefined });
    const read = await storage.get("values");
    const again = await storage.get("cycle");
    const many = await storage.get(["values", "nothing", "cycle"]);
    return {
      same: read.length === values.length && Object.is(read[3], -0) && read[4] === 12n && read[5] === values[5] && !(1 in read[6]) &&
        read[7].getTime() === 5 && read[8].flags === "g" && read[9].get(1).a === 2 && read[10].has(3) && read[11][1] === 2 &&
        read[12] instanceof RangeError && read[12].message === "r",
      cycle: again.self === again,
      many: [...many.keys()],
      undefined: await messageOf(() => storage.put("a", undefined)),
      function: await messageOf(() => storage.put("a", () => {})),
      ctx: await messageOf(() => storage.put("a", { storage })),
      headers: await messageOf(() => storage.put("a", new Headers())),
      blob: await messageOf(() => storage.put("a", new Blob(["a"]))),
      unchanged: await storage.get("a"),
    };
  },
  async lists({ storage }) {
    const entries = {};
    for (let i = 0; i < 1000; i++) {
      entries[`k${String(i).padStart(4, "0")}`] = "x".repeat(1000) + i;
    }
    await storage.put(entries);
    await storage.put("other", 1);
    const keys = async (options) => [...(await storage.list(options)).keys()];
    const all = await storage.list({ prefix: "k" });
    const reverse = await keys({ prefix: "k", reverse: true });
    return {
      size: all.size,
      ordered: [...all.keys()].every((key, i) => key === `k${String(i).padStart(4, "0")}`) && all.get("k0999").endsWith("x999"),
      reversed: reverse.length === 1000 && reverse[0] === "k0999" && reverse[999] === "k0000",
      range: await keys({ start: "k0003", end: "k0006" }),
      after: await keys({ startAfter: "k0003", limit: 2 }),
      last: await keys({ reverse: true, limit: 2 }),
      long: (await keys({ limit: 700 })).length,
      both: await messageOf(() => storage.list({ start: "a", startAfter: "b" })),
      zero: await messageOf(() => storage.list({ limit: 0 })),
      sync: [...storage.kv.list({ prefix: "k", limit: 2 })].map(([key, value]) => key + value.length),
      deleted: await storage.delete(["k0000", "k0001", "nothing"]),
      one: [await storage.delete("k0002"), await storage.delete("k0002")],
      kv: [storage.kv.get("other"), storage.kv.delete("other"), storage.kv.get("other"), storage.kv.delete("other")],
      left: (await storage.list()).size,
    };
  },
  async sql({ storage: { sql } }) {
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB); CREATE INDEX i ON t (a);");
    const insert = sql.exec("INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING id", "é", new Uint8Array([1, 2]), null, new Uint8Array([3]).buffer);
    const returned = insert.toArray();
    const cursor = sql.exec("SELECT id, a, b, 1.5 AS r FROM t ORDER BY id");
    const { columnNames } = cursor;
    const first = cursor.next();
    const rest = cursor.toArray();
    for (let i = 0; i < 600; i++) {
      sql.exec("INSERT INTO t (a) VALUES (?)", i);
    }
    const many = sql.exec("SELECT id FROM t");
    let seen = 0;
    for (const { id } of many) {
      seen += id > 0 ? 1 : 0;
    }
    return {
      returned,
      written: insert.rowsWritten,
      columnNames,
      first: [first.done, first.value.id, first.value.a, new Uint8Array(first.value.b).join()],
      rest: rest.map((row) => [row.id, row.a, row.b.byteLength, row.r]),
      done: cursor.next(),
      seen,
      read: many.rowsRead,
      raw: sql.exec("SELECT 1 AS a, 2 AS a, 3 AS __proto__").raw().toArray(),
      helper: [...sql.exec("SELECT id FROM t ORDER BY id").raw().map(([id]) => id).take(2)],
      proto: Object.keys(sql.exec("SELECT 3 AS __proto__").one()),
      types: sql.exec("SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d, ? AS e", 1, "x", null, 2n ** 40n, true).one(),
      one: [
        await messageOf(() => sql.exec("SELECT 1 WHERE 0").one()),
        await messageOf(() => sql.exec("SELECT id FROM t").one()),
      ],
      size: sql.databaseSize > 4096 && sql.databaseSize % 4096 === 0,
    };
  },
  async escapes({ storage }) {
    const { sql } = storage;
    await storage.put("secret", 1);
    const statements = [
      "ATTACH 'x' AS y", "PRAGMA journal_mode=WAL", "SELECT * FROM _cf_KV", "CREATE TABLE _cf_x (a)", "BEGIN", "SAVEPOINT a", "COMMIT",
      "SELECT load_extension('x')", "VACUUM INTO '/tmp/x'", "SELECT * FROM sqlite_dbpage", "SELECT readfile('/etc/passwd')", "", "SELECT ?",
    ];
    const errors = [];
    for (const statement of statements) {
      errors.push(await messageOf(() => sql.exec(statement).toArray()));
    }
    errors.push(await messageOf(() => sql.exec("SELECT ?", Symbol("a"))));
    errors.push(await messageOf(() => sql.exec("SELECT ?", 2n ** 70n)));
    errors.push(await messageOf(() => sql.exec(5)));
    errors.push(await messageOf(() => new sql.constructor({})));
    errors.push(await messageOf(() => Object.getPrototypeOf(storage).put.call({}, "a", 1)));
    return errors;
  },
  async large({ storage }) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t (a)");
    return {
      value: await messageOf(() => storage.put("a", new Uint8Array(2 << 20))),
      key: await messageOf(() => storage.put("k".repeat(3000), 1)),
      row: await messageOf(() => sql.exec("INSERT INTO t VALUES (?)", new Uint8Array((2 << 20) + 1))),
      zeroblob: await messageOf(() => sql.exec("INSERT INTO t VALUES (zeroblob(1000000000))")),
      text: await messageOf(() => sql.exec("SELECT '" + "x".repeat(200_000) + "'")),
      fits: await messageOf(() => sql.exec("INSERT INTO t VALUES (?)", new Uint8Array(1_900_000)).rowsWritten),
      read: sql.exec("SELECT a FROM t").one().a.byteLength,
    };
  },
  /** More pages than go in one message. */
  fill({ storage: { sql } }) {
    sql.exec("CREATE TABLE IF NOT EXISTS fill (a)");
    for (let i = 0; i < 4; i++) {
      sql.exec("INSERT INTO fill VALUES (randomblob(600000))");
    }
    return "filled";
  },
  async throws({ storage }) {
    await storage.put("kept", 1);
    throw new RangeError("after a write");
  },
  abort({ storage }, _url, object) {
    storage.kv.put("lost", 1);
    object.ctx.abort("enough");
  },
  async transactions({ storage }) {
    await storage.put("before", 1);
    const rolledBack = await messageOf(() =>
      storage.transaction(async (txn) => {
        await txn.put("a", 1);
        await sleep(5);
        await txn.put("b", await txn.get("a"));
        throw new Error("no");
      })
    );
    const kept = await storage.transaction(async (txn) => {
      await txn.put("c", 1);
      await sleep(5);
      return "kept";
    });
    let late;
    await storage.transaction(async (txn) => {
      late = txn;
      await txn.put("d", 1);
      txn.rollback();
    });
    const sync = await messageOf(() =>
      storage.transactionSync(() => {
        storage.kv.put("e", 1);
        storage.transactionSync(() => storage.kv.put("f", 1));
        throw new TypeError("sync");
      })
    );
    return {
      rolledBack, kept, sync,
      late: await messageOf(() => late.get("c")),
      nested: storage.transactionSync(() => storage.transactionSync(() => 5)),
      keys: [...(await storage.list()).keys()],
      deleteAll: await messageOf(() => storage.transaction((txn) => txn.deleteAll())),
    };
  },
  async sync({ storage }) {
    await storage.put("synced", 1);
    await storage.sync();
    return "synced";
  },
  runaway({ storage: { sql } }) {
    return sql.exec("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n").toArray();
  },
  runawayWrite({ storage: { sql } }) {
    sql.exec("CREATE TABLE r (x)");
    sql.exec("INSERT INTO r WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n");
  },
  async alarm({ storage }, { searchParams }) {
    await storage.setAlarm(Number(searchParams.get("at")));
    return { alarm: await storage.getAlarm() };
  },
  async noAlarm({ storage }) {
    await storage.deleteAlarm();
    return { alarm: await storage.getAlarm() };
  },
  async badAlarms({ storage }) {
    return [await messageOf(() => storage.setAlarm(0)), await messageOf(() => storage.setAlarm("x")), await storage.setAlarm(1) ?? (await storage.getAlarm()) > 1e12];
  },
  fired: ({ storage }) => storage.get("fired"),
  /** The event ends, and its timer does not. */
  later({ storage }) {
    setTimeout(() => storage.put("later", "came"), 10);
    return "set";
  },
  async block(ctx, _url, object) {
    object.log.push("outside");
    await ctx.blockConcurrencyWhile(async () => {
      object.log.push("in");
      await sleep(20);
      object.log.push("out");
    });
    object.log.push("after");
    return "blocked";
  },
  log: (_ctx, _url, object) => object.log,
  async blockFails(ctx) {
    await ctx.storage.put("block", 1);
    await ctx.blockConcurrencyWhile(async () => {
      throw new Error("in a section");
    });
  },
  waits: (_ctx, _url, object) => new Promise((resolve) => object.waiting.push(resolve)),
  wakes(_ctx, _url, object) {
    object.waiting.forEach((resolve) => resolve("woken"));
    return "wakes";
  },
  async deleteAll({ storage }) {
    await storage.setAlarm(Date.now() + 1e6);
    await storage.deleteAll();
    await storage.put("new", 1);
    return { keys: [...(await storage.list()).keys()], alarm: await storage.getAlarm() };
  },
  identity: ({ id, props }) => ({ id: `${id}`, name: id.name, same: id.equals(id), props }),
};

class Cases extends DurableObject {
  log = [];
  waiting = [];

  async fetch(request) {
    const url = new URL(request.url);
    return Response.json(await CASES[url.pathname.slice(1)](this.ctx, url, this) ?? null);
  }
}

export class Room extends Cases {
  async alarm(info) {
    const { storage } = this.ctx;
    const fired = (await storage.get("fired")) ?? [];
    fired.push({ ...info, alarm: await storage.getAlarm() });
    await storage.put("fired", fired);
    if (await storage.get("fail")) {
      throw new Error("the alarm fails");
    }
    const again = await storage.get("again");
    if (again) {
      await storage.setAlarm(Number(again));
    }
  }
}

export class Plain extends Cases {}

export class Slow extends Cases {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await sleep(30);
      this.log.push("constructed");
    });
  }
}

export class Throws extends Cases {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.kv.put("never", 1);
    throw new SyntaxError("no object today");
  }
}

export class NotAnObject {}

export default {
  async fetch(request, env) {
    const { ROOMS, OTHERS } = env;
    switch (new URL(request.url).pathname) {
      case "/ids": {
        const id = ROOMS.idFromName("lobby");
        const unique = ROOMS.newUniqueId();
        return Response.json({
          text: `${id}`,
          name: id.name,
          again: ROOMS.idFromName("lobby").equals(id),
          other: ROOMS.idFromName("lobby2").equals(id),
          foreign: `${OTHERS.idFromName("lobby")}` === `${id}`,
          parsed: ROOMS.idFromString(`${unique}`.toUpperCase()).equals(unique) && unique.name === undefined,
          unique: `${unique}` !== `${ROOMS.newUniqueId()}`,
          wrong: await messageOf(() => ROOMS.idFromString("abc")),
          forged: await messageOf(() => ROOMS.idFromString(`${OTHERS.newUniqueId()}`)),
          get: await messageOf(() => ROOMS.get(OTHERS.newUniqueId())),
          text_: await messageOf(() => ROOMS.get(`${id}`)),
          eu: await messageOf(() => ROOMS.newUniqueId({ jurisdiction: "eu" })),
          stub: [ROOMS.get(id).name, ROOMS.getByName("lobby").id.equals(id)],
          made: await messageOf(() => new ROOMS.constructor({}, 0)),
        });
      }
      case "/ask":
        return ROOMS.getByName("lobby").fetch("http://object/path", { method: "POST", body: "body" });
      default:
        return new Response("hello");
    }
  },
};
