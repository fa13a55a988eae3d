export default {
  async fetch(request) {
    const sent = new Request("https://other.example/path", request);
    const { headers } = sent;
    return new Response(`${sent.url} ${sent.method} ${headers.get("x-a")} ${headers.get("content-type")} ${await sent.text()}`);
  },
};
