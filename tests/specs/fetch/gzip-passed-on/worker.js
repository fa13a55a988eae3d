export default {
  async fetch(request) {
    const { origin, pathname } = new URL(request.url);
    if (pathname === "/pass") return fetch(`${origin}/origin`);
    if (pathname === "/length") {
      const response = await fetch(`${origin}/pass`);
      return new Response(`${(await response.text()).length} ${response.headers.get("content-encoding")}`);
    }
    return new Response("some text that comes again and again, ".repeat(100), { headers: { "content-encoding": "gzip" } });
  },
};
