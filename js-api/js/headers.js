// Where deno_fetch's Headers depart from the standard and from Workers.

import { core, primordials } from "ext:core/mod.js";
import { slotNamed } from "ext:skerry/slots.js";

const {
  ArrayPrototypePush,
  ArrayPrototypeSort,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  SafeMap,
  SafeWeakMap,
  StringPrototypeToLowerCase,
  TypeError,
} = primordials;

const { headerListFromHeaders, Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");

/** What was combined last for each object: beside it, since it may be frozen. */
const combinations = new SafeWeakMap();

// What an iterator looks at for each of its steps. The library's getter sorts and combines the whole list every time, and forgets
// an empty value that comes first under its name.
ObjectDefineProperty(Headers.prototype, slotNamed(Headers.prototype, "iterable headers"), {
  __proto__: null,
  get() {
    const list = headerListFromHeaders(this);
    let combined = combinations.get(this);
    if (combined === undefined || !combined.isOf(list)) {
      combined = new CombinedHeaders(list);
      combinations.set(this, combined);
    }
    return combined.entries;
  },
});

/** https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine, of a list as it was. */
class CombinedHeaders {
  entries = [];
  #headers = [];
  #values = [];

  constructor(list) {
    const entryOf = new SafeMap();
    for (let i = 0; i < list.length; i++) {
      const header = list[i];
      const value = header[1];
      ArrayPrototypePush(this.#headers, header);
      ArrayPrototypePush(this.#values, value);
      const name = StringPrototypeToLowerCase(header[0]);
      const first = name === "set-cookie" ? undefined : entryOf.get(name);
      if (first === undefined) {
        const entry = [name, value];
        entryOf.set(name, entry);
        ArrayPrototypePush(this.entries, entry);
      } else {
        first[1] += `, ${value}`;
      }
    }
    ArrayPrototypeSort(this.entries, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  }

  /** Whether the list is still the same. The library changes values in their place, and names never. */
  isOf(list) {
    let same = list.length === this.#headers.length;
    for (let i = 0; same && i < list.length; i++) {
      same = list[i] === this.#headers[i] && list[i][1] === this.#values[i];
    }
    return same;
  }
}

// `headers.getAll("Set-Cookie")`, which Workers had before the standard had getSetCookie().
const { getSetCookie } = Headers.prototype;
ObjectDefineProperty(Headers.prototype, "getAll", {
  __proto__: null,
  configurable: true,
  enumerable: true,
  value: function getAll(name) {
    if (StringPrototypeToLowerCase(`${name}`) !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie"');
    }
    return FunctionPrototypeCall(getSetCookie, this);
  },
  writable: true,
});

export { Headers };
