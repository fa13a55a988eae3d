import { checks, equal } from "../../check.js";

const refused = [
  "ext:core/mod.js", "ext:core/ops", "ext:skerry/bootstrap.js", "ext:skerry/context.js", "ext:skerry/dispatch.js",
  "ext:deno_web/06_streams.js", "checkin:mod", "internal:core", "file:///etc/passwd", "/etc/passwd", "../../../../etc/passwd",
  "node:fs", "node:internal/errors", "node:modules", "node:_events", "fs", "npm:left-pad", "jsr:@std/fs", "https://example.com/a.js", "http://127.0.0.1:1/a.js",
  "data:text/javascript,export default 1", "blob:null/1", "cloudflare:internal", "", " ", "__proto__", "constructor", "toString",
];

export default checks({
  "import()": async () => {
    const loaded = [];
    for (const name of refused) {
      try {
        await import(name);
        loaded.push(name);
      } catch (error) {
        if (!(error instanceof Error)) {
          loaded.push(`${name} threw ${error}`);
        }
      }
    }
    equal(loaded, []);
  },
  "errors tell nothing of the host": async () => {
    for (const name of refused) {
      const error = await import(name).catch((error) => error);
      equal(/\/(root|home|work|usr|tmp|var|build)\b|\.rs\b|cargo/.test(`${error?.message} ${error?.stack}`), false, error?.stack);
    }
  },
});
