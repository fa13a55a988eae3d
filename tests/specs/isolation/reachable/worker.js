import * as hooks from "node:async_hooks";
import * as workers from "cloudflare:workers";
import { assert, checks, equal } from "../../check.js";

const FORBIDDEN = /^(op_|__bootstrap$|loadExtScript$|registerErrorBuilder$|primordials$|internals$|setPromiseHooks$|resourceForReadableStream$)/;

/** All that is held by `roots`: values, functions of accessors and what these give, prototypes. */
function walk(roots) {
  const found = [];
  const seen = new Set();
  const queue = roots.map(([path, value]) => [value, path]);
  while (queue.length > 0) {
    const [value, path] = queue.shift();
    if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value) || path.length > 400) {
      continue;
    }
    seen.add(value);
    if (typeof value === "function") {
      const name = Object.getOwnPropertyDescriptor(value, "name")?.value;
      if (typeof name === "string" && FORBIDDEN.test(name)) {
        found.push(path);
      }
    }
    queue.push([Object.getPrototypeOf(value), `${path}.__proto__`]);
    if (ArrayBuffer.isView(value)) {
      continue;
    }
    for (const key of Reflect.ownKeys(value)) {
      const step = `${path}.${String(key)}`;
      if (typeof key === "string" && FORBIDDEN.test(key)) {
        found.push(step);
        continue;
      }
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if ("value" in descriptor) {
        queue.push([descriptor.value, step]);
        continue;
      }
      queue.push([descriptor.get, `get ${step}`], [descriptor.set, `set ${step}`]);
      try {
        queue.push([value[key], step]);
      } catch {
        // An accessor of a prototype.
      }
    }
    if (value instanceof Map || value instanceof Set) {
      try {
        queue.push([[...value], `${path} entries`]);
      } catch {
        // A prototype.
      }
    }
  }
  return { found, count: seen.size };
}

export default checks({
  "nothing of the inside": async (request, env, ctx) => {
    const stream = new TransformStream();
    const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
    const [socket] = Object.values(new WebSocketPair());
    const response = await fetch("http://127.0.0.1:1/").catch((error) => error);
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
    const received = new Request(request);
    const signal = request.signal;
    let controllers = [];
    const bytes = new ReadableStream({ type: "bytes", start: (controller) => { controllers.push(controller); } });
    new ReadableStream({ start: (controller) => { controllers.push(controller); } });
    const roots = {
      globalThis, request, env, ctx, stream, reader, writer, socket, response, key, received, signal, controllers, bytes,
      compression: new CompressionStream("gzip"), digest: new crypto.DigestStream("SHA-1"), fixed: new FixedLengthStream(1),
      answer: new Response("x"), streamed: new Response(new Blob(["x"]).stream()), form: new FormData(), headers: new Headers({ a: "b" }),
      pattern: new URLPattern({ pathname: "/:a" }), url: new URL("https://example.com/?a=b"), channel: new MessageChannel(),
      timer: setTimeout(() => {}, 1), timeout: AbortSignal.timeout(1), any: AbortSignal.any([signal]), event: new CustomEvent("x"),
      error: new DOMException("x"), mark: performance.mark("x"), decoder: new TextDecoder(), file: new File(["x"], "x"),
      storage: new hooks.AsyncLocalStorage(), resource: new hooks.AsyncResource("x"), hooks, workers, meta: import.meta,
      iterators: [new Headers({ a: "b" }).entries(), new FormData().entries(), new URL("https://example.com/?a").searchParams.keys()],
    };
    for (const name of process.getBuiltinModule("module").builtinModules) {
      roots[`node:${name}`] = [process.getBuiltinModule(name), await import(`node:${name}`)];
    }
    const made = [Buffer.from("x"), process.stdout, new (process.getBuiltinModule("events"))(), setImmediate(() => {})];
    const { found, count } = walk(Object.entries({ ...roots, made }));
    assert(count > 1000, `only ${count} objects were seen`);
    equal(found, []);
  },
});
