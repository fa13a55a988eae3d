// `ctx.storage.kv`: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#synchronous-kv-api

import { op_object_delete, op_object_get } from "ext:core/ops";
import { requireKey } from "ext:skerry/objects/key.js";
import { lister, putOne } from "ext:skerry/objects/operations.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

class SyncKvStorage {
  #object;

  constructor(key, object) {
    requireKey(key);
    this.#object = object;
  }

  get(key) {
    return op_object_get(this.#object.number, `${key}`);
  }

  /** An iterator over `[key, value]`; a pair that is changed meanwhile may come as it was or as it is. */
  list(options = undefined) {
    return pairs(lister(this.#object, options));
  }

  put(key, value) {
    putOne(this.#object, key, value);
  }

  delete(key) {
    return op_object_delete(this.#object.number, `${key}`);
  }
}

function* pairs(next) {
  for (let piece = next(); piece.length > 0; piece = next()) {
    for (let i = 0; i < piece.length; i += 2) {
      yield [piece[i], piece[i + 1]];
    }
  }
}

refuseToClone(SyncKvStorage);

export { SyncKvStorage };
