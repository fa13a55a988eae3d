// Ids of objects: https://developers.cloudflare.com/durable-objects/api/id/

import { primordials } from "ext:core/mod.js";
import { requireKey } from "ext:skerry/objects/key.js";

const { TypeError } = primordials;

let isId, textOf, nameOf, namespaceOf, jurisdictionOf;

class DurableObjectId {
  #text;
  #name;
  /** The binding it was made with; undefined for an object's own. */
  #namespace;
  /** Its name; empty where it has none. */
  #jurisdiction;

  constructor(key, text, name, namespace, jurisdiction) {
    requireKey(key);
    this.#text = text;
    this.#name = name;
    this.#namespace = namespace;
    this.#jurisdiction = jurisdiction;
  }

  toString() {
    return this.#text;
  }

  equals(other) {
    if (!isId(other)) {
      throw new TypeError("Failed to execute 'equals' on 'DurableObjectId': parameter 1 is not of type 'DurableObjectId'.");
    }
    return this.#text === other.#text;
  }

  get name() {
    return this.#name;
  }

  get jurisdiction() {
    return this.#jurisdiction === "" ? undefined : this.#jurisdiction;
  }

  static {
    isId = (value) => typeof value === "object" && value !== null && #text in value;
    textOf = (id) => id.#text;
    nameOf = (id) => id.#name;
    namespaceOf = (id) => id.#namespace;
    jurisdictionOf = (id) => id.#jurisdiction;
  }
}

export { DurableObjectId, isId, jurisdictionOf, nameOf, namespaceOf, textOf };
