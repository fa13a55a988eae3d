export default {
  async fetch() {
    const original = new Response("the text", { status: 202, headers: { "content-type": "text/x" } });
    const copy = original.clone();
    copy.headers.set("x-length", (await original.text()).length);
    return copy;
  },
};
