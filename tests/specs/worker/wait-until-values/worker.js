const done = new Set();

async function work(name, ms) {
  await scheduler.wait(ms);
  done.add(name);
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/status") {
      for (let i = 0; i < 50 && done.size < 3; i++) {
        await scheduler.wait(10);
      }
      return new Response([...done].sort().join(" "));
    }
    ctx.waitUntil(42);
    ctx.waitUntil(undefined);
    const result = ctx.waitUntil(work("first", 1));
    ctx.waitUntil(work("second", 20));
    await scheduler.wait(2);
    ctx.waitUntil(work("third", 10));
    return new Response(String(result));
  },
};
