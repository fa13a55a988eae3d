export default {
  async fetch(request) {
    if (request.url.endsWith("/clone")) {
      const copy = request.clone();
      return new Response(`${await request.json()} ${await copy.text()} ${request.bodyUsed} ${copy.bodyUsed}`);
    }
    const text = await request.text();
    const error = await request.text().catch((error) => error);
    return new Response(`${text} ${error.name} ${request.bodyUsed}`);
  },
};
