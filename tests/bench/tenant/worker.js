// Answers with a name that each isolate makes for itself. Other paths end the process that it runs in, or hang it.
let name;

const BLASTS = {
  "/fault": () => console.log("skerry-test fault: segv"),
  "/abort": () => "x".repeat(262_144_000).split(""),
  "/hang": () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1),
};

export default {
  fetch(request) {
    BLASTS[new URL(request.url).pathname]?.();
    name ??= crypto.randomUUID();
    return new Response(name);
  },
};
