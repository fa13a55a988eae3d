// `ctx.storage.sql`: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#sql-api

import { core, primordials } from "ext:core/mod.js";
import { op_sql_bytes, op_sql_exec } from "ext:core/ops";
import { SqlStorageCursor } from "ext:skerry/objects/cursor.js";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const { ArrayBufferIsView, ArrayPrototypePush, TypeError } = primordials;

class SqlStorage {
  #object;

  constructor(key, object) {
    requireKey(key);
    this.#object = object;
  }

  exec(query, ...bindings) {
    if (typeof query !== "string") {
      throw new TypeError("Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'string'.");
    }
    const parameters = [];
    for (let i = 0; i < bindings.length; i++) {
      ArrayPrototypePush(parameters, parameter(bindings[i]));
    }
    const done = op_sql_exec(this.#object.number, query, parameters);
    return new SqlStorageCursor(KEY, this.#object, done[0], done[1], done[2], done[3]);
  }

  get databaseSize() {
    return op_sql_bytes(this.#object.number);
  }

  get Cursor() {
    return SqlStorageCursor;
  }
}

/** What is neither a number nor bytes is bound as text, `true` and `false` too. */
function parameter(value) {
  switch (typeof value) {
    case "undefined":
      return null;
    case "number":
    case "bigint":
    case "string":
      return value;
    default:
      return value === null || core.isArrayBuffer(value) || ArrayBufferIsView(value) ? value : `${value}`;
  }
}

refuseToClone(SqlStorage);

export { SqlStorage };
