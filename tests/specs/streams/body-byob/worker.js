export default {
  async fetch(request) {
    const reader = bodyFor(request).getReader({ mode: "byob" });
    const parts = [];
    while (true) {
      const { value, done } = await reader.read(new Uint8Array(2));
      if (done) return new Response(parts.join("|"));
      parts.push(new TextDecoder().decode(value));
    }
  },
};

function bodyFor(request) {
  switch (new URL(request.url).pathname) {
    case "/received":
      return request.body;
    case "/response":
      return new Response("some text").body;
    case "/request":
      return new Request("https://example.com", { method: "POST", body: "some text" }).body;
    default:
      return new Blob(["some text"]).stream();
  }
}
