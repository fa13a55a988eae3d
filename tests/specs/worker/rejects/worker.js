async function find() {
  await scheduler.wait(1);
  throw new TypeError("no such isle");
}

export default {
  async fetch(request) {
    if (request.url.endsWith("/fail")) {
      await find();
    }
    return new Response("still afloat");
  },
};
