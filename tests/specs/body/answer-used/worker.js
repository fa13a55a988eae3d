export default {
  async fetch() {
    const response = new Response("text");
    await response.text();
    return response;
  },
};
