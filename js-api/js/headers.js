// Where deno_fetch's Headers depart from the standard and from Workers.

import { core, primordials } from "ext:core/mod.js";
import { slotNamed } from "ext:skerry/slots.js";

const {
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  StringPrototypeToLowerCase,
  TypeError,
} = primordials;

const { getHeader, headerListFromHeaders, Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");

const SORTED_AND_COMBINED = slotNamed(Headers.prototype, "iterable headers");
const sortAndCombine = ObjectGetOwnPropertyDescriptor(Headers.prototype, SORTED_AND_COMBINED).get;

// An empty value counts when values are combined; the library forgets one that comes first.
ObjectDefineProperty(Headers.prototype, SORTED_AND_COMBINED, {
  __proto__: null,
  get() {
    const entries = FunctionPrototypeCall(sortAndCombine, this);
    const list = headerListFromHeaders(this);
    for (let i = 0; i < list.length; i++) {
      if (list[i][1] === "") {
        recombine(entries, list, StringPrototypeToLowerCase(list[i][0]));
      }
    }
    return entries;
  },
});

function recombine(entries, list, name) {
  for (let i = 0; i < entries.length && name !== "set-cookie"; i++) {
    if (entries[i][0] === name) {
      entries[i][1] = getHeader(list, name);
    }
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
