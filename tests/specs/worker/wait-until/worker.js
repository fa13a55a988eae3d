let done = false;

async function work() {
  await scheduler.wait(20);
  done = true;
  console.log("the tide has turned");
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/status") {
      // Waited for with setTimeout, so that only the other event's work depends on scheduler.wait().
      for (let i = 0; i < 100 && !done; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return new Response(done ? "work done" : "work lost");
    }
    ctx.waitUntil(work());
    return new Response(done ? "work done too early" : "work pending");
  },
};
