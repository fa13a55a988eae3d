// Bindings to namespaces of Durable Objects, and stubs: `env.ROOMS.getByName("lobby").fetch()`.
// https://developers.cloudflare.com/durable-objects/api/namespace/

import { primordials } from "ext:core/mod.js";
import { op_object_id_check, op_object_id_of_name, op_object_id_unique } from "ext:core/ops";
import { DurableObjectId, isId, nameOf, namespaceOf, textOf } from "ext:skerry/objects/id.js";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { bindingTo } from "ext:skerry/rpc_links.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const { Error, RangeError, TypeError } = primordials;

/** A name that is longer is not told to the object. */
const NAME_LENGTH_MAX = 1024;

function refuseJurisdiction(jurisdiction) {
  if (jurisdiction !== undefined && jurisdiction !== null) {
    throw new Error("Jurisdiction restrictions are not implemented: an object's data is where its node is.");
  }
}

class DurableObjectNamespace {
  /** Its place among the worker's bindings to namespaces. */
  #place;

  constructor(key, place) {
    requireKey(key);
    this.#place = place;
  }

  idFromName(name) {
    const text = `${name}`;
    return new DurableObjectId(KEY, op_object_id_of_name(this.#place, text), text, this.#place);
  }

  idFromString(id) {
    return new DurableObjectId(KEY, op_object_id_check(this.#place, `${id}`), undefined, this.#place);
  }

  newUniqueId(options = undefined) {
    refuseJurisdiction(options?.jurisdiction);
    return new DurableObjectId(KEY, op_object_id_unique(this.#place), undefined, this.#place);
  }

  get(id, options = undefined) {
    if (!isId(id)) {
      throw new TypeError("Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.");
    }
    const routingMode = options?.routingMode;
    if (routingMode !== undefined && routingMode !== "primary-only") {
      throw new RangeError(`unknown routingMode: ${routingMode}`);
    }
    if (namespaceOf(id) !== this.#place) {
      // It throws for one of another namespace.
      op_object_id_check(this.#place, textOf(id));
    }
    return stubOf(this.#place, id);
  }

  getByName(name, options = undefined) {
    return this.get(this.idFromName(name), options);
  }

  jurisdiction(jurisdiction = undefined) {
    refuseJurisdiction(jurisdiction);
    return new DurableObjectNamespace(KEY, this.#place);
  }
}

/** The object that worker code calls: `fetch()`, and methods of the class. */
function stubOf(place, id) {
  const name = nameOf(id);
  const told = name !== undefined && name.length <= NAME_LENGTH_MAX ? name : null;
  return bindingTo({ __proto__: null, place, object: textOf(id), name: told }, { __proto__: null, id, name });
}

refuseToClone(DurableObjectId);
refuseToClone(DurableObjectNamespace);

/** @param {number} place its place among the worker's bindings to namespaces */
function namespaceBinding(place) {
  return new DurableObjectNamespace(KEY, place);
}

export { namespaceBinding };
