let done = false;

export default {
  async fetch(request, env, ctx) {
    if (request.url.endsWith("/status")) {
      for (let i = 0; i < 50 && !done; i++) {
        await scheduler.wait(10);
      }
      return new Response(done ? "done" : "lost");
    }
    const { readable, writable } = new TransformStream();
    const send = async () => {
      const writer = writable.getWriter();
      await scheduler.wait(2);
      await writer.write(new TextEncoder().encode("body"));
      ctx.waitUntil(scheduler.wait(5).then(() => { done = true; }));
      await writer.close();
    };
    ctx.waitUntil(send());
    return new Response(readable);
  },
};
