// Lets Node.js load the platform's scripts as they are: `ext:skerry/...` are the files of js-api/js, `ext:core/mod.js` is core.mjs.

const SCRIPTS = new URL("../../js-api/js/", import.meta.url);

export function resolve(specifier, context, next) {
  if (specifier === "ext:core/mod.js") {
    return { url: new URL("core.mjs", import.meta.url).href, format: "module", shortCircuit: true };
  }
  if (specifier.startsWith("ext:skerry/")) {
    return { url: new URL(specifier.slice("ext:skerry/".length), SCRIPTS).href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}
