import { checks, equal } from "../../check.js";

const names = [
  "Deno", "__bootstrap", "__skerry", "__core", "__timers", "__infra", "require", "module", "exports",
  "internals", "primordials", "core", "window", "document", "importScripts",
];

function found() {
  const seen = [];
  for (const name of names) {
    if (name in globalThis) {
      seen.push(name);
    }
  }
  return seen;
}

const atTheStart = found();

export default checks({
  "in the global scope": () => equal(atTheStart, []),
  "in a handler": () => equal(found(), []),
  "while and after the platform is used": async () => {
    const during = [];
    const look = () => during.push(...found());
    queueMicrotask(look);
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    look();
    const key = crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    look();
    await key;
    crypto.randomUUID();
    console.log("a line", { a: new Map() });
    structuredClone(new Map([[1, new Date()]]));
    look();
    await new Response(new Blob(["x"]).stream().pipeThrough(new CompressionStream("gzip"))).text();
    new URLPattern({ pathname: "/:a" }).exec("https://example.com/a");
    new TextDecoder("latin1").decode(new Uint8Array([200]));
    look();
    await new Request("https://example.com/", { method: "POST", body: new FormData() }).formData();
    performance.mark("a");
    new WebSocketPair();
    new MessageChannel();
    await scheduler.wait(1);
    look();
    equal(during, []);
  },
});
