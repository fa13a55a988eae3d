// `ctx.storage.transaction()`: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#transaction
//
// A transaction is a savepoint that stays open over awaits; until it ends nothing is committed, and nothing else of the object goes on.

import { primordials } from "ext:core/mod.js";
import { op_object_begin, op_object_commit, op_object_end } from "ext:core/ops";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import * as operations from "ext:skerry/objects/operations.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const { Error, FunctionPrototypeCall, PromisePrototypeThen, PromiseReject, TypeError } = primordials;

const { later } = operations;

let end;

class DurableObjectTransaction {
  #object;
  #savepoint;
  #state = "open";

  constructor(key, object, savepoint) {
    requireKey(key);
    this.#object = object;
    this.#savepoint = savepoint;
  }

  #open(operation) {
    if (this.#state === "rolled back") {
      throw new Error(`Cannot ${operation} on rolled back transaction`);
    }
    if (this.#state === "over") {
      throw new Error(
        `Cannot call ${operation} on transaction that has already committed: did you move \`txn\` outside of the closure?`,
      );
    }
    return this.#object;
  }

  get(keys, _options = undefined) {
    return later(() => operations.get(this.#open("get()"), keys));
  }

  list(options = undefined) {
    return later(() => operations.list(this.#open("list()"), options));
  }

  put(keyOrEntries, value = undefined, _options = undefined) {
    return later(() => operations.put(this.#open("put()"), keyOrEntries, value));
  }

  delete(keys, _options = undefined) {
    return later(() => operations.delete_(this.#open("delete()"), keys));
  }

  getAlarm(_options = undefined) {
    return later(() => operations.getAlarm(this.#open("getAlarm()")));
  }

  setAlarm(time, _options = undefined) {
    return later(() => operations.setAlarm(this.#open("setAlarm()"), time));
  }

  deleteAlarm(_options = undefined) {
    return later(() => operations.deleteAlarm(this.#open("deleteAlarm()")));
  }

  deleteAll() {
    throw new Error("Cannot call deleteAll() within a transaction");
  }

  /** What the transaction has written is gone; it must not be used any more. */
  rollback() {
    if (this.#state !== "rolled back") {
      this.#open("rollback()");
      this.#state = "rolled back";
      op_object_end(this.#object.number, this.#savepoint, false);
    }
  }

  static {
    end = (transaction, stays) => {
      if (transaction.#state === "open") {
        transaction.#state = stays ? "over" : "rolled back";
        op_object_end(transaction.#object.number, transaction.#savepoint, stays);
      }
    };
  }
}

async function run(object, closure) {
  // What was written before stands for itself.
  op_object_commit(object.number);
  const transaction = new DurableObjectTransaction(KEY, object, op_object_begin(object.number));
  try {
    const value = await closure(transaction);
    end(transaction, true);
    return { __proto__: null, value, isError: false };
  } catch (value) {
    end(transaction, false);
    return { __proto__: null, value, isError: true };
  }
}

/** Runs a closure whose writes all stay, or, if it throws, are all gone. */
function transaction(object, closure) {
  if (typeof closure !== "function") {
    return PromiseReject(new TypeError("Failed to execute 'transaction' on 'DurableObjectStorage': parameter 1 is not of type 'Function'."));
  }
  // An error is the caller's: it does not break the object.
  return PromisePrototypeThen(
    object.blockConcurrencyWhile(async () => {
      try {
        return await run(object, closure);
      } catch (value) {
        return { __proto__: null, value, isError: true };
      }
    }),
    ({ value, isError }) => {
      if (isError) {
        throw value;
      }
      return value;
    },
  );
}

/** The same for a function that does not wait. */
function transactionSync(object, callback) {
  if (typeof callback !== "function") {
    throw new TypeError("Failed to execute 'transactionSync' on 'DurableObjectStorage': parameter 1 is not of type 'Function'.");
  }
  const savepoint = op_object_begin(object.number);
  let result;
  try {
    result = FunctionPrototypeCall(callback, undefined);
  } catch (error) {
    op_object_end(object.number, savepoint, false);
    throw error;
  }
  op_object_end(object.number, savepoint, true);
  return result;
}

refuseToClone(DurableObjectTransaction);

export { DurableObjectTransaction, transaction, transactionSync };
