import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const FAR = 4_000_000_000_000;

export class Room extends DurableObject {
  #made = crypto.randomUUID();

  made() {
    return this.#made;
  }
  write(value) {
    const { kv, sql } = this.ctx.storage;
    kv.put("value", value);
    sql.exec("CREATE TABLE IF NOT EXISTS log (value)");
    sql.exec("INSERT INTO log VALUES (?)", value);
  }
  async alarm() {}
  async state() {
    const { kv, sql } = this.ctx.storage;
    const tables = sql.exec("SELECT name FROM sqlite_master WHERE name = 'log'").toArray();
    const log = tables.length === 0 ? [] : sql.exec("SELECT value FROM log").toArray().map((row) => row.value);
    return [kv.get("value"), log, await this.ctx.storage.getAlarm()];
  }
  setAlarm(time) {
    return this.ctx.storage.setAlarm(time);
  }
  deleteAll() {
    return this.ctx.storage.deleteAll();
  }
  mark() {
    return this.ctx.storage.getCurrentBookmark();
  }
  markAt(time) {
    return this.ctx.storage.getBookmarkForTime(time);
  }
  restore(bookmark) {
    return this.ctx.storage.onNextSessionRestoreBookmark(bookmark);
  }
  abort() {
    this.ctx.abort();
  }
  restoreAtOnce(bookmark) {
    // Not awaited, and with a write that nobody confirmed.
    this.ctx.storage.kv.put("value", "lost");
    this.ctx.storage.onNextSessionRestoreBookmark(bookmark).catch(() => {});
    this.ctx.abort();
  }
  async marksOfOneTurn() {
    const { storage } = this.ctx;
    const before = storage.getCurrentBookmark();
    storage.kv.put("turn", 1);
    const after = storage.getCurrentBookmark();
    return [await before, await after, await storage.getCurrentBookmark()];
  }
  inTransaction() {
    return this.ctx.storage.transaction(async (txn) => {
      await txn.put("value", "in");
      return this.ctx.storage.getCurrentBookmark();
    });
  }
  async many() {
    const asked = await Promise.allSettled(Array.from({ length: 500 }, () => this.ctx.storage.getBookmarkForTime(Date.now())));
    return [asked.some(({ status }) => status === "fulfilled"), await this.ctx.storage.getCurrentBookmark()];
  }
}

/** Ends the session of the room, which the next call makes again. */
async function again(room, abort = (room) => room.abort()) {
  const before = await room().made();
  await throws(() => abort(room()));
  assert((await room().made()) !== before, "it is the same session");
}

export default checks({
  "bookmarks are texts that sort as time does": async (_, env) => {
    const room = env.ROOMS.getByName("a");
    const marks = [];
    for (let value = 1; value <= 20; value++) {
      await room.write(value);
      marks.push(await room.mark());
    }
    equal(marks.toSorted(), marks);
    equal(new Set(marks).size, 20);
    equal(await room.mark(), marks[19]);
    const [before, after, last] = await room.marksOfOneTurn();
    assert(marks[19] <= before && before <= after && after <= last);
  },
  "what was deleted comes back with the next session, and that is undone": async (_, env) => {
    const room = () => env.ROOMS.getByName("b");
    await room().write(1);
    await room().setAlarm(FAR);
    const mark = await room().mark();
    await room().write(2);
    await room().deleteAll();
    equal(await room().state(), [undefined, [], null]);
    const undo = await room().restore(mark);
    equal(typeof undo, "string");
    assert(mark < undo);
    // The session goes on as it is.
    equal(await room().state(), [undefined, [], null]);
    await room().write(3);
    await again(room);
    equal(await room().state(), [1, [1], FAR]);
    assert(undo < (await room().mark()));
    await room().write(4);
    const redo = await room().restore(undo);
    await again(room);
    equal(await room().state(), [3, [3], null], "as it was right before the restore");
    await again(room);
    equal(await room().state(), [3, [3], null], "a restore is made once");
    await room().restore(redo);
    await again(room);
    equal(await room().state(), [4, [1, 4], FAR]);
  },
  "a restore that is not awaited is made all the same": async (_, env) => {
    const room = () => env.ROOMS.getByName("c");
    await room().write(1);
    const mark = await room().mark();
    await room().write(2);
    await again(room, (room) => room.restoreAtOnce(mark));
    equal(await room().state(), [1, [1], null]);
  },
  "the last one that was asked for counts": async (_, env) => {
    const room = () => env.ROOMS.getByName("d");
    await room().write(1);
    const first = await room().mark();
    await room().write(2);
    await room().restore(first);
    await room().restore(await room().mark());
    await again(room);
    equal(await room().state(), [2, [1, 2], null]);
  },
  "a time has a bookmark": async (_, env) => {
    const room = () => env.ROOMS.getByName("e");
    await room().write(1);
    await later(20);
    const between = Date.now();
    await later(20);
    await room().write(2);
    const [number, date] = [await room().markAt(between), await room().markAt(new Date(between))];
    equal(number, date);
    assert(number < (await room().mark()));
    await room().restore(number);
    await again(room);
    equal(await room().state(), [1, [1], null]);
    // Before it was there it had nothing.
    await room().restore(await room().markAt(between - 3_600_000));
    await again(room);
    equal(await room().state(), [undefined, [], null]);
  },
  "what cannot be is refused, by name": async (_, env) => {
    const room = env.ROOMS.getByName("f");
    await room.write(1);
    const other = env.ROOMS.getByName("g");
    await other.write(1);
    for (const wrong of [await other.mark(), "", "0".repeat(16), "x".repeat(1000)]) {
      const error = await throws(() => room.restore(wrong));
      assert(/bookmark/.test(error.message) && /take one/.test(error.message), error.message);
    }
    for (const wrong of [undefined, 5, {}]) {
      await throws(() => room.restore(wrong), "TypeError");
    }
    for (const wrong of [undefined, NaN, "soon", Infinity]) {
      await throws(() => room.markAt(wrong), "TypeError");
    }
    const error = await throws(() => room.markAt(Date.now() - 31 * 86_400_000));
    assert(/history/.test(error.message), error.message);
    equal(await room.state(), [1, [1], null]);
  },
  "a transaction may ask, and nobody can ask too much": async (_, env) => {
    const room = env.ROOMS.getByName("h");
    await room.write(1);
    equal(typeof (await room.inTransaction()), "string");
    const [some, mark] = await room.many();
    equal([some, typeof mark], [true, "string"]);
  },
});
