import { checks, equal } from "../../check.js";

const caught = [];

for (const name of ["__bootstrap", "__skerry", "Deno", "__core", "core", "ops", "internals", "primordials", "rid", "loadExtScript"]) {
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    set(value) {
      caught.push(`wrote ${name}: ${typeof value}`);
    },
  });
}

export default checks({
  "nothing is caught": async (request) => {
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
    console.log("a line", { a: new Map() }, new Error("x"));
    const zipped = new Blob(["x"]).stream().pipeThrough(new CompressionStream("gzip"));
    await new Response(zipped).arrayBuffer();
    new URLPattern({ pathname: "/:a" }).exec("https://example.com/a");
    structuredClone(new Map([[1, new Date()]]));
    new WebSocketPair();
    await scheduler.wait(1);
    await fetch("http://127.0.0.1:1/").catch(() => {});
    equal(caught, []);
  },
});
