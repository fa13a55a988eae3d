const bodies = {
  "/text": () => ["é"],
  "/params": () => [new URLSearchParams({ a: "1 2" })],
  "/blob": () => [new Blob(["p {}"], { type: "Text/CSS" })],
  "/bytes": () => [new Uint8Array([104, 105])],
  "/given": () => ["<p>", { headers: { "Content-Type": "text/html" } }],
};

export default {
  fetch(request) {
    return new Response(...bodies[new URL(request.url).pathname]());
  },
};
