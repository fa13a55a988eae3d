export default {
  fetch() {
    let pulls = 0;
    const body = new ReadableStream({
      async pull(controller) {
        await scheduler.wait(5);
        if (pulls++ === 0) {
          controller.enqueue(new TextEncoder().encode("first part,"));
        } else {
          controller.error(new Error("midway failure"));
        }
      },
    });
    return new Response(body);
  },
};
