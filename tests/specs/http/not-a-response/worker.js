export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/text": return "text";
      case "/nothing": return;
      case "/object": return { status: 200, body: "text" };
      case "/request": return request;
      default: return new Response("fine");
    }
  },
};
