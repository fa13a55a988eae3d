// What `sql.exec()` gives: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#returns

import { primordials } from "ext:core/mod.js";
import { op_sql_close, op_sql_counts, op_sql_rows } from "ext:core/ops";
import { requireKey } from "ext:skerry/objects/key.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const {
  ArrayIteratorPrototype,
  ArrayPrototypePush,
  Error,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  SafeWeakMap,
  SymbolIterator,
  SymbolToStringTag,
  TypeError,
} = primordials;

/** Rows that are asked for at a time where all are wanted. */
const ROWS_AT_ONCE = 256;


class SqlStorageCursor {
  #object;
  /** 0 when there are no more rows. */
  #id;
  #names;
  #rowsRead;
  #rowsWritten;

  constructor(key, object, id, names, rowsRead, rowsWritten) {
    requireKey(key);
    this.#object = object;
    this.#id = id;
    this.#names = names;
    this.#rowsRead = rowsRead;
    this.#rowsWritten = rowsWritten;
  }

  /** Up to so many rows, as arrays, and one at least unless there are no more. */
  #rows(most) {
    if (this.#id === 0) {
      return [];
    }
    const rows = op_sql_rows(this.#object.number, this.#id, most);
    const { length } = rows;
    // Numbers behind the rows: the cursor is through.
    if (length > 0 && typeof rows[length - 1] === "number") {
      this.#id = 0;
      this.#rowsWritten = rows[length - 1];
      this.#rowsRead = rows[length - 2];
      rows.length = length - 2;
    }
    return rows;
  }

  #all(make) {
    const all = [];
    while (this.#id !== 0) {
      const rows = this.#rows(ROWS_AT_ONCE);
      for (let i = 0; i < rows.length; i++) {
        ArrayPrototypePush(all, make(rows[i]));
      }
    }
    return all;
  }

  #named(row) {
    const result = {};
    for (let i = 0; i < row.length; i++) {
      set(result, this.#names[i], row[i]);
    }
    return result;
  }

  next() {
    const rows = this.#rows(1);
    return rows.length === 0 ? { done: true, value: undefined } : { done: false, value: this.#named(rows[0]) };
  }

  toArray() {
    return this.#all((row) => this.#named(row));
  }

  one() {
    const rows = this.#rows(1);
    if (rows.length === 0) {
      throw new Error("Expected exactly one result from SQL query, but got no results.");
    }
    if (this.#rows(1).length > 0) {
      this.#close();
      throw new Error("Expected exactly one result from SQL query, but got multiple results.");
    }
    return this.#named(rows[0]);
  }

  #close() {
    if (this.#id !== 0) {
      this.#count();
      op_sql_close(this.#object.number, this.#id);
      this.#id = 0;
    }
  }

  raw() {
    const iterator = ObjectCreate(RawIteratorPrototype);
    raws.set(iterator, {
      __proto__: null,
      next: () => {
        const rows = this.#rows(1);
        return rows.length === 0 ? { done: true, value: undefined } : { done: false, value: rows[0] };
      },
      toArray: () => this.#all((row) => row),
    });
    return iterator;
  }

  get columnNames() {
    return this.#names;
  }

  #count() {
    if (this.#id !== 0) {
      const counts = op_sql_counts(this.#object.number, this.#id);
      this.#rowsRead = counts[0];
      this.#rowsWritten = counts[1];
    }
  }

  get rowsRead() {
    this.#count();
    return this.#rowsRead;
  }

  get rowsWritten() {
    this.#count();
    return this.#rowsWritten;
  }
}

ObjectDefineProperty(SqlStorageCursor.prototype, SymbolIterator, {
  __proto__: null,
  configurable: true,
  value: function iterator() {
    return this;
  },
  writable: true,
});

/** A column may be called `__proto__`. */
function set(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, configurable: true, enumerable: true, value, writable: true });
}

const raws = new SafeWeakMap();

const RawIteratorPrototype = {
  next() {
    return rawOf(this).next();
  },
  toArray() {
    return rawOf(this).toArray();
  },
};
// %IteratorPrototype%, with its `map()`, `take()` and so on.
ObjectSetPrototypeOf(RawIteratorPrototype, ObjectGetPrototypeOf(ArrayIteratorPrototype));
ObjectDefineProperty(RawIteratorPrototype, SymbolToStringTag, { __proto__: null, configurable: true, value: "SqlStorageCursorIterator" });

function rawOf(iterator) {
  const raw = raws.get(iterator);
  if (raw === undefined) {
    throw new TypeError("Illegal invocation");
  }
  return raw;
}

refuseToClone(SqlStorageCursor);

export { SqlStorageCursor };
