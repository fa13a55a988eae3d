// Everything that scripts of the platform could use of the worker's own realm is patched: nobody of them is led astray.

import { DurableObject } from "cloudflare:workers";
import { objectAttack } from "../attack.js";

const reached = [];

function poison(target, name) {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (descriptor?.configurable && typeof descriptor.value === "function") {
    const original = descriptor.value;
    Object.defineProperty(target, name, {
      ...descriptor,
      value(...all) {
        // Somebody who is not this file.
        if (isArmed) {
          reached.push(`${String(name)}`);
        }
        return Reflect_apply(original, this, all);
      },
    });
  }
}

let isArmed = false;
const Reflect_apply = Reflect.apply;
const { getOwnPropertyNames, getOwnPropertySymbols } = Object;

const SKIPPED = ["constructor"];
const TARGETS = [Array, Map, Set, WeakMap, Object, Promise, Number, Math, JSON, Date, Error, String, ArrayBuffer, Uint8Array, Reflect, Symbol];

function poisonAll() {
  for (const target of TARGETS) {
    for (const place of [target, target.prototype].filter(Boolean)) {
      for (const name of [...getOwnPropertyNames(place), ...getOwnPropertySymbols(place)]) {
        if (!SKIPPED.includes(name)) {
          poison(place, name);
        }
      }
    }
  }
}

const PROPERTIES = ["get", "set", "value", "then", "next", "done", "object", "number", "limit", "prefix", "start", "end", "reverse", "isError", "section"];

function poisonPrototype() {
  for (const name of PROPERTIES) {
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get() {
        if (isArmed) {
          reached.push(`the prototype's ${name}`);
        }
        return undefined;
      },
      set(value) {
        if (isArmed) {
          reached.push(`the prototype's ${name}, set`);
        }
        Object.defineProperty(this, name, { configurable: true, enumerable: true, value, writable: true });
      },
    });
  }
}

export class Hostile extends DurableObject {
  lives() {}

  async patched() {
    const { storage } = this.ctx;
    poisonAll();
    const outcomes = [];
    const run = (work) => {
      isArmed = true;
      try {
        return work();
      } finally {
        isArmed = false;
      }
    };
    const list = ["a", "b"];
    const value = { __proto__: null, a: 1 };
    run(() => storage.kv.put("a", value));
    run(() => storage.kv.get("a"));
    run(() => storage.kv.list({ __proto__: null, prefix: "a" }));
    run(() => storage.sql.exec("CREATE TABLE IF NOT EXISTS t (a, b)"));
    run(() => storage.sql.exec("INSERT INTO t VALUES (?, ?)", 1, "text"));
    const cursor = run(() => storage.sql.exec("SELECT * FROM t"));
    run(() => cursor.toArray());
    run(() => storage.sql.exec("SELECT * FROM t").raw().toArray());
    run(() => storage.sql.exec("SELECT count(*) FROM t").one());
    run(() => storage.transactionSync(() => storage.kv.put("b", 1)));
    run(() => storage.kv.delete("a"));
    const waiting = [
      run(() => storage.put("c", 1)),
      run(() => storage.put({ __proto__: null, d: 1, e: 2 })),
      run(() => storage.get("c")),
      run(() => storage.get(list)),
      run(() => storage.delete(list)),
      run(() => storage.list()),
      run(() => storage.getAlarm()),
      run(() => storage.sync()),
    ];
    for (const one of waiting) {
      outcomes.push(await one);
    }
    const transaction = run(() => storage.transaction((txn) => txn.put("f", 1)));
    isArmed = true;
    await transaction;
    isArmed = false;
    return reached.length === 0 ? "nothing was reached" : [...new Set(reached)].join(", ");
  }
}

export default objectAttack();
