import { assert, checks, equal } from "../../check.js";

const HOST = /\/(root|home|work|usr|tmp|var|build|opt|rust)\b|\.rs\b|cargo|registry|\b[A-Z]:\\/;

async function errors() {
  const list = [new Error("made here")];
  const attempts = [
    () => null.x,
    () => new URL("::"),
    () => new Headers([["a"]]),
    () => structuredClone(() => {}),
    () => crypto.subtle.digest("nothing", new Uint8Array(1)),
    () => crypto.subtle.importKey("raw", new Uint8Array(3), "AES-GCM", true, ["encrypt"]),
    () => fetch("http://127.0.0.1:1/"),
    () => fetch("nothing://x"),
    () => new Response("x", { status: 7 }),
    () => new DecompressionStream("x"),
    () => new Response(new Blob(["not gzip"]).stream().pipeThrough(new DecompressionStream("gzip"))).text(),
    () => new TextDecoder("x"),
    () => new URLPattern("(("),
    () => new ReadableStream().getReader({ mode: "x" }),
    () => import("./nowhere.js".slice(0)),
    () => new WebAssembly.Module(new Uint8Array(8)),
    () => JSON.parse("{"),
    () => atob("%"),
    () => new Request("/"),
    () => new Response(new ReadableStream({ pull() { throw new Error("x"); } })).text(),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch (error) {
      list.push(error);
    }
  }
  assert(list.length > 17, `only ${list.length} errors`);
  return list;
}

export default checks({
  "messages and stacks": async () => {
    for (const error of await errors()) {
      const text = `${error?.message}\n${error?.stack}\n${error?.cause ?? ""}`;
      assert(!HOST.test(text), text);
    }
  },
  "captureStackTrace": () => {
    const target = {};
    Error.captureStackTrace(target);
    assert(target.stack.includes("worker.js") && !HOST.test(target.stack), target.stack);
  },
  "prepareStackTrace": async () => {
    const seen = [];
    Error.prepareStackTrace = (error, sites) => {
      for (const site of sites) {
        seen.push([site.getFileName(), site.getFunction(), site.getThis(), site.getEvalOrigin?.(), site.getScriptNameOrSourceURL?.()]);
      }
      return "prepared";
    };
    try {
      equal(String(new Error("x").stack), "prepared");
      for (const error of await errors()) {
        void error?.stack;
      }
    } finally {
      delete Error.prepareStackTrace;
    }
    assert(seen.length > 0, "not called");
    for (const [file, fn, self, origin, script] of seen) {
      assert(!HOST.test(`${file} ${origin} ${script}`), `${file} ${origin} ${script}`);
      equal([typeof fn, typeof self], ["undefined", "undefined"]);
    }
  },
});
