const body = new ReadableStream({
  start(controller) {
    controller.enqueue(new TextEncoder().encode("once"));
    controller.close();
  },
});
const response = new Response(body);

export default { fetch: () => response };
