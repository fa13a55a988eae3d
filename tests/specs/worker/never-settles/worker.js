export default {
  async fetch(request) {
    if (!request.url.endsWith("/fine")) {
      await (globalThis.answer ?? new Promise(() => {}));
    }
    return new Response("fine");
  },
};
