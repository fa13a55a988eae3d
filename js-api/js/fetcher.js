// Bindings to other workers: `env.SERVICE.fetch()` and calls of its methods.
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/

import { primordials } from "ext:core/mod.js";
import { fetchFrom } from "ext:skerry/fetch.js";

const { SafeWeakMap, TypeError } = primordials;

/** Fetcher -> what the host knows it by */
const targets = new SafeWeakMap();

function targetOf(fetcher) {
  const target = targets.get(fetcher);
  if (target === undefined) {
    throw new TypeError("Illegal invocation: fetch() of a service binding was called on something else");
  }
  return target;
}

class Fetcher {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  fetch(input, init = undefined) {
    return fetchFrom(targetOf(this), arguments.length, input, init);
  }
}

/** @param {number} service its place among the worker's services */
function serviceBinding(service) {
  const fetcher = { __proto__: Fetcher.prototype };
  // As in `ops/subrequest.rs`: 0 is the network.
  targets.set(fetcher, service + 1);
  return fetcher;
}

export { Fetcher, serviceBinding };
