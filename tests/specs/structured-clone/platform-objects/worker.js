import { checks, equal, throws } from "../../check.js";

async function refused(value) {
  const error = await throws(() => structuredClone(value), "DataCloneError");
  equal([error instanceof DOMException, error.code], [true, 25]);
}

export default checks({
  "requests, responses and what is in them": async () => {
    await refused(new Response("body"));
    await refused(new Request("https://example.com/"));
    await refused(new Headers({ a: "b" }));
    await refused(new FormData());
  },
  "keys and the global scope": async () => {
    await refused(await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]));
    await refused(crypto);
    await refused(globalThis);
  },
  "classes of the worker's own": () => refused(new (class extends EventTarget {})()),
  "addresses, events and signals": async () => {
    await refused(new URL("https://example.com/"));
    await refused(new Event("e"));
    await refused(new AbortController().signal);
  },
});
