export default {
  async fetch(request) {
    const { origin, pathname } = new URL(request.url);
    if (pathname === "/check") {
      const response = await fetch(`${origin}/broken`);
      const outcome = await response.text().catch((error) => error.name);
      return new Response(`${response.status} ${outcome}`);
    }
    let count = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await scheduler.wait(20);
          if (count++ === 2) controller.error(new Error("the pipe broke"));
          else controller.enqueue(new TextEncoder().encode("part "));
        },
      }),
    );
  },
};
