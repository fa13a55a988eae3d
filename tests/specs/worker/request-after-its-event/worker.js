let kept;

export default {
  async fetch(request) {
    if (kept === undefined) {
      kept = request;
      return new Response("kept");
    }
    const outcome = async (read) => {
      try {
        return `read ${await read()}`;
      } catch (error) {
        return error.name;
      }
    };
    const url = await outcome(() => kept.url);
    const headers = await outcome(() => kept.headers.get("x-isle"));
    const text = await outcome(() => kept.text());
    return new Response(`url: ${url}, headers: ${headers}, text: ${text}`);
  },
};
