const headers = { "keep-alive": "timeout=5", upgrade: "x", "transfer-encoding": "chunked", "x-a": "1" };

export default {
  async fetch(request) {
    const { origin, pathname } = new URL(request.url);
    if (pathname === "/answer") return new Response("text", { headers });
    if (pathname === "/sent") return fetch(`${origin}/got`, { headers: { "keep-alive": "timeout=5", "proxy-connection": "x", "x-a": "kept" } });
    return new Response(["keep-alive", "proxy-connection", "x-a"].map((name) => `${request.headers.get(name)}`).join(" "));
  },
};
