// Interfaces of Durable Objects that worker code sees and cannot construct: their constructors ask for this key.

import { primordials } from "ext:core/mod.js";

const { TypeError } = primordials;

const KEY = { __proto__: null };

function requireKey(key) {
  if (key !== KEY) {
    throw new TypeError("Illegal constructor");
  }
}

export { KEY, requireKey };
