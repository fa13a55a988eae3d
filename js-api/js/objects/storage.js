// `ctx.storage`: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
//
// Storage is synchronous here. Of the options, `allowConcurrency` and `noCache` have nothing to act on; with `allowUnconfirmed` answers wait
// for the write all the same.

import { core, primordials } from "ext:core/mod.js";
import {
  op_object_bookmark,
  op_object_bookmark_for,
  op_object_delete_all,
  op_object_restore_next,
  op_object_sync,
} from "ext:core/ops";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { SyncKvStorage } from "ext:skerry/objects/kv.js";
import * as operations from "ext:skerry/objects/operations.js";
import { SqlStorage } from "ext:skerry/objects/sql.js";
import { transaction, transactionSync } from "ext:skerry/objects/transaction.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const { DatePrototypeGetTime, MathMax, MathTrunc, Number, NumberIsFinite, PromisePrototypeThen, PromiseReject, TypeError } = primordials;

const { later } = operations;

class DurableObjectStorage {
  #object;
  #kv;
  #sql;

  constructor(key, object) {
    requireKey(key);
    this.#object = object;
    this.#kv = new SyncKvStorage(KEY, object);
    this.#sql = new SqlStorage(KEY, object);
  }

  get kv() {
    return this.#kv;
  }

  get sql() {
    return this.#sql;
  }

  get(keys, _options = undefined) {
    return later(() => operations.get(this.#object, keys));
  }

  list(options = undefined) {
    return later(() => operations.list(this.#object, options));
  }

  put(keyOrEntries, value = undefined, _options = undefined) {
    return later(() => operations.put(this.#object, keyOrEntries, value));
  }

  delete(keys, _options = undefined) {
    return later(() => operations.delete_(this.#object, keys));
  }

  deleteAll(_options = undefined) {
    return later(() => {
      op_object_delete_all(this.#object.number);
      this.#object.isAlarmSpent = false;
    });
  }

  getAlarm(_options = undefined) {
    return later(() => operations.getAlarm(this.#object));
  }

  setAlarm(time, _options = undefined) {
    return later(() => operations.setAlarm(this.#object, time));
  }

  deleteAlarm(_options = undefined) {
    return later(() => operations.deleteAlarm(this.#object));
  }

  /** Resolves when everything written so far is safe. */
  sync() {
    return PromisePrototypeThen(op_object_sync(this.#object.number), () => undefined);
  }

  // Point-in-time recovery: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#pitr-point-in-time-recovery-api

  /** Stands for the data as they are now. Bookmarks compare as texts, the older the smaller. */
  getCurrentBookmark() {
    return op_object_bookmark(this.#object.number);
  }

  /** Stands for the data as they were at a time: a Date, or milliseconds since 1970. */
  getBookmarkForTime(timestamp) {
    const ms = MathTrunc(core.isDate(timestamp) ? DatePrototypeGetTime(timestamp) : Number(timestamp));
    if (!NumberIsFinite(ms)) {
      return PromiseReject(new TypeError("getBookmarkForTime() wants a Date, or milliseconds since 1970"));
    }
    return op_object_bookmark_for(this.#object.number, MathMax(ms, 0));
  }

  /** When the object is made the next time, it has the data of the bookmark; `ctx.abort()` is the shortest way to that. */
  onNextSessionRestoreBookmark(bookmark) {
    if (typeof bookmark !== "string") {
      return PromiseReject(new TypeError("onNextSessionRestoreBookmark() wants a bookmark: a string that this object has given"));
    }
    return op_object_restore_next(this.#object.number, bookmark);
  }

  transaction(closure, _options = undefined) {
    return transaction(this.#object, closure);
  }

  transactionSync(callback) {
    return transactionSync(this.#object, callback);
  }
}

refuseToClone(DurableObjectStorage);

export { DurableObjectStorage };
