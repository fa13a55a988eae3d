export default {
  fetch() {
    return new Response("the body", { status: 201, headers: { "x-a": "1" } });
  },
};
