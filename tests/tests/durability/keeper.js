// The objects of `load.rs`. Each keeps a journal of tokens, one line for each turn that wrote one, and writes each token in some other way too.

import { DurableObject } from "cloudflare:workers";

/** How a turn writes its token beside the journal; each makes one commit. `WAYS` of `load.rs` has their names. */
const WAYS = {
  put(storage, token) {
    // Nobody waits for it here: the answer does.
    storage.put(key(token), token);
  },
  putMany(storage, token) {
    storage.put({ [key(token)]: token, large: "x".repeat(20_000) });
  },
  kv(storage, token) {
    storage.kv.put(key(token), token);
  },
  sql(storage, token) {
    storage.sql.exec("INSERT INTO tokens VALUES (?)", token);
  },
  transactionSync(storage, token) {
    storage.transactionSync(() => {
      storage.kv.put(key(token), token);
      inner(storage);
    });
  },
};

const key = (token) => `token ${`${token}`.padStart(12, "0")}`;

/** What is undone. */
function inner(storage) {
  try {
    storage.transactionSync(() => {
      storage.kv.put("undone", 1);
      storage.sql.exec("INSERT INTO tokens VALUES (-1)");
      throw new Error("back");
    });
  } catch {}
}

export class Keeper extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS journal (place INTEGER PRIMARY KEY AUTOINCREMENT, token INTEGER NOT NULL)");
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS tokens (token INTEGER PRIMARY KEY)");
  }

  /** In the turn that writes the token in its way: one is not there without the other. */
  #note(token) {
    this.ctx.storage.sql.exec("INSERT INTO journal (token) VALUES (?)", token);
    this.ctx.storage.kv.put("count", (this.ctx.storage.kv.get("count") ?? 0) + 1);
  }

  /** Who watches hears of a token when it is there, and that is when it is durable. */
  #tell(token) {
    for (const watcher of this.ctx.getWebSockets("Watches")) {
      watcher.send(`${token}`);
    }
  }

  fetch(request) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [request.url.split("/").at(-1)]);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** What to write, as in the path of a request. How many of these a socket has brought goes with it. */
  async webSocketMessage(ws, message) {
    const [way, first, count] = message.split("/");
    const asked = (ws.deserializeAttachment() ?? 0) + 1;
    ws.serializeAttachment(asked);
    await this.write(way, Number(first), Number(count));
    ws.send(`written ${asked}`);
  }

  async write(way, first, count) {
    const { storage } = this.ctx;
    for (let token = first; token < first + count; token++) {
      if (way === "transaction") {
        await storage.transaction(async (txn) => {
          await txn.put(key(token), token);
          await scheduler.wait(0);
          this.#note(token);
        });
      } else {
        WAYS[way](storage, token);
        this.#note(token);
      }
      this.#tell(token);
      await scheduler.wait(0);
    }
    return "written";
  }

  /** Nothing of it may ever be seen. */
  async undo() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      await txn.put("undone", 1);
      storage.sql.exec("INSERT INTO journal (token) VALUES (-1)");
      await scheduler.wait(0);
      txn.rollback();
    });
    inner(storage);
    return "undone";
  }

  async arm(token, inMs) {
    this.ctx.storage.kv.put("armed", token);
    await this.ctx.storage.setAlarm(Date.now() + inMs);
    return "armed";
  }

  async alarm() {
    const armed = this.ctx.storage.kv.get("armed");
    await this.env.Bells.getByName("all").rung(this.ctx.id.name, armed);
  }

  last() {
    return this.ctx.storage.sql.exec("SELECT token FROM journal ORDER BY place DESC LIMIT 1").toArray()[0]?.token ?? 0;
  }

  /** All tokens in their order; or what is wrong, which begins with a "!". */
  journal() {
    const { kv, sql } = this.ctx.storage;
    const journal = [...sql.exec("SELECT token FROM journal ORDER BY place").raw()].map(([token]) => token);
    const kept = [...kv.list({ prefix: "token " })].map(([, token]) => token);
    const others = [...kept, ...[...sql.exec("SELECT token FROM tokens").raw()].map(([token]) => token)].sort((a, b) => a - b);
    const check = sql.exec("PRAGMA quick_check").one().quick_check;
    if (check !== "ok") {
      return `! ${check}`;
    }
    if (kv.get("undone") !== undefined || others[0] === -1) {
      return "! what was rolled back is there";
    }
    if (others.join() !== journal.toSorted((a, b) => a - b).join() || (kv.get("count") ?? 0) !== journal.length) {
      return `! half a turn: ${journal}; ${others}; ${kv.get("count")}`;
    }
    return journal.join(" ");
  }
}

/** Hears of alarms. */
export class Bells extends DurableObject {
  rung(name, token) {
    const last = this.ctx.storage.kv.get(name) ?? 0;
    this.ctx.storage.kv.put(name, Math.max(last, token));
  }

  heard(name) {
    return this.ctx.storage.kv.get(name) ?? 0;
  }
}

export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const [, method, name, ...given] = pathname.split("/");
    if (method === "wire") {
      return env.Keeper.getByName(name).fetch(request);
    }
    const object = method === "heard" ? env.Bells.getByName("all") : env.Keeper.getByName(name);
    const args = method === "heard" ? [name] : given.map((text) => (/^\d+$/.test(text) ? Number(text) : text));
    try {
      return new Response(`${await object[method](...args)}`);
    } catch (error) {
      if (search === "?told") {
        return new Response(`told ${error}`);
      }
      throw error;
    }
  },
};
