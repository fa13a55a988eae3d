export default {
  fetch() {
    const encoder = new TextEncoder();
    return new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(encoder.encode("one"));
        await scheduler.wait(2);
        controller.enqueue(encoder.encode(" two"));
        await new Promise((resolve) => setTimeout(resolve, 2));
        controller.enqueue(encoder.encode(" three"));
        controller.close();
      },
    }));
  },
};
