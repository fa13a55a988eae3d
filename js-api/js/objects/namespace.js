// Bindings to namespaces of Durable Objects, and stubs: `env.ROOMS.getByName("lobby").fetch()`.
// https://developers.cloudflare.com/durable-objects/api/namespace/

import { primordials } from "ext:core/mod.js";
import { op_object_id_check, op_object_id_of_name, op_object_id_unique, op_object_jurisdiction } from "ext:core/ops";
import { DurableObjectId, isId, jurisdictionOf, nameOf, namespaceOf, textOf } from "ext:skerry/objects/id.js";
import { KEY, requireKey } from "ext:skerry/objects/key.js";
import { bindingTo } from "ext:skerry/rpc_links.js";
import { refuseToClone } from "ext:skerry/structured_clone.js";

const { RangeError, SafeSet, StringPrototypeSlice, TypeError } = primordials;

/** A name that is longer is not told to the object. */
const NAME_LENGTH_MAX = 1024;

/** Digits of an id's text. */
const ID_LENGTH = 64;

/** https://developers.cloudflare.com/durable-objects/reference/data-location/#provide-a-location-hint */
const LOCATION_HINTS = new SafeSet();
for (const hint of ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"]) {
  LOCATION_HINTS.add(hint);
}

/** The name of a jurisdiction, empty for none; throws where there is no such. */
function jurisdictionText(jurisdiction) {
  if (jurisdiction === undefined || jurisdiction === null) {
    return "";
  }
  const name = `${jurisdiction}`;
  if (name === "") {
    throw new TypeError("A jurisdiction cannot be an empty text: leave it out where there is none");
  }
  op_object_jurisdiction(name);
  return name;
}

class DurableObjectNamespace {
  /** Its place among the worker's bindings to namespaces. */
  #place;
  /** All ids are of it; empty where they need not be of any. */
  #jurisdiction;

  constructor(key, place, jurisdiction) {
    requireKey(key);
    this.#place = place;
    this.#jurisdiction = jurisdiction;
  }

  idFromName(name) {
    requireArgument(arguments.length, "idFromName");
    const text = `${name}`;
    const jurisdiction = this.#jurisdiction;
    return new DurableObjectId(KEY, op_object_id_of_name(this.#place, text, jurisdiction), text, this.#place, jurisdiction);
  }

  idFromString(id) {
    requireArgument(arguments.length, "idFromString");
    const checked = op_object_id_check(this.#place, `${id}`);
    const jurisdiction = StringPrototypeSlice(checked, ID_LENGTH);
    if (this.#jurisdiction !== "" && jurisdiction !== this.#jurisdiction) {
      throw new TypeError(`The id is not one of the jurisdiction "${this.#jurisdiction}"`);
    }
    return new DurableObjectId(KEY, StringPrototypeSlice(checked, 0, ID_LENGTH), undefined, this.#place, jurisdiction);
  }

  newUniqueId(options = undefined) {
    const asked = jurisdictionText(options?.jurisdiction);
    if (asked !== "" && this.#jurisdiction !== "" && asked !== this.#jurisdiction) {
      throw new TypeError(`The namespace is that of the jurisdiction "${this.#jurisdiction}": it gives no id of "${asked}"`);
    }
    const jurisdiction = asked === "" ? this.#jurisdiction : asked;
    return new DurableObjectId(KEY, op_object_id_unique(this.#place, jurisdiction), undefined, this.#place, jurisdiction);
  }

  get(id, options = undefined) {
    if (!isId(id)) {
      throw new TypeError("Failed to execute 'get' on 'DurableObjectNamespace': parameter 1 is not of type 'DurableObjectId'.");
    }
    const routingMode = options?.routingMode;
    if (routingMode !== undefined && routingMode !== "primary-only") {
      throw new RangeError(`unknown routingMode: ${routingMode}`);
    }
    const locationHint = options?.locationHint;
    if (locationHint !== undefined && !LOCATION_HINTS.has(`${locationHint}`)) {
      throw new RangeError(`unknown locationHint: ${locationHint}`);
    }
    if (this.#jurisdiction !== "" && jurisdictionOf(id) !== this.#jurisdiction) {
      throw new TypeError(`The id is not one of the jurisdiction "${this.#jurisdiction}"`);
    }
    if (namespaceOf(id) !== this.#place) {
      // It throws for one of another namespace.
      op_object_id_check(this.#place, textOf(id));
    }
    return stubOf(this.#place, id);
  }

  getByName(name, options = undefined) {
    requireArgument(arguments.length, "getByName");
    return this.get(this.idFromName(name), options);
  }

  jurisdiction(jurisdiction = undefined) {
    const name = jurisdictionText(jurisdiction);
    if (name !== "" && this.#jurisdiction !== "" && name !== this.#jurisdiction) {
      throw new TypeError(`The namespace is that of the jurisdiction "${this.#jurisdiction}" already`);
    }
    return new DurableObjectNamespace(KEY, this.#place, name);
  }
}

/** A name that was forgotten is not the name "undefined". */
function requireArgument(count, method) {
  if (count === 0) {
    throw new TypeError(`Failed to execute '${method}' on 'DurableObjectNamespace': 1 argument required, but only 0 present.`);
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
  return new DurableObjectNamespace(KEY, place, "");
}

export { namespaceBinding };
