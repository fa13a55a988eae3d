import { checks, equal, throws } from "../../check.js";

const members = {
  Headers: ["append", "delete", "get", "set", "has", "getSetCookie"],
  Request: ["method", "url", "headers", "clone", "text", "json", "body", "signal", "cf"],
  Response: ["status", "ok", "headers", "clone", "text", "body", "webSocket"],
  URL: ["href", "searchParams", "toString", "toJSON"],
  AbortSignal: ["aborted", "reason", "throwIfAborted"],
  WebSocket: ["send", "close", "accept", "readyState", "binaryType"],
  Crypto: ["subtle", "randomUUID", "getRandomValues"],
  Event: ["type", "target", "preventDefault"],
};

export default checks({
  "shape": () => {
    const wrong = [];
    for (const [name, keys] of Object.entries(members)) {
      for (const key of keys) {
        const descriptor = Object.getOwnPropertyDescriptor(globalThis[name].prototype, key);
        if (!descriptor?.enumerable || !descriptor.configurable || !(descriptor.get || typeof descriptor.value === "function")) {
          wrong.push(`${name}.${key}`);
        }
      }
    }
    equal(wrong, []);
  },
  "a foreign this": async () => {
    const wrong = [];
    for (const [name, keys] of Object.entries(members)) {
      for (const key of keys) {
        const descriptor = Object.getOwnPropertyDescriptor(globalThis[name].prototype, key);
        try {
          const got = (descriptor.get ?? descriptor.value).call({}, "a", "b");
          if (got instanceof Promise) {
            await got;
          }
          wrong.push(`${name}.${key}`);
        } catch (error) {
          if (!(error instanceof TypeError)) {
            wrong.push(`${name}.${key}: ${error}`);
          }
        }
      }
    }
    equal(wrong, []);
  },
  "constructors need new": async () => {
    for (const name of ["Headers", "Request", "Response", "URL", "AbortController", "TextEncoder", "Blob", "ReadableStream", "FormData"]) {
      await throws(() => globalThis[name]("http://example.com/"), "TypeError");
    }
  },
  "no constructor": async () => {
    for (const name of ["AbortSignal", "Crypto", "CryptoKey", "SubtleCrypto", "Navigator", "Scheduler", "Performance", "MessagePort", "ServiceWorkerGlobalScope"]) {
      await throws(() => new globalThis[name](), "TypeError");
    }
  },
});
