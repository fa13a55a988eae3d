let ticks = 0;
let late = false;
let kept = false;

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/status") {
      await scheduler.wait(30);
      const before = ticks;
      await scheduler.wait(60);
      const state = ticks === 0 ? "never came" : before === ticks ? "stopped" : "go on";
      return new Response(`ticks ${state}, late: ${late}, kept: ${kept}`);
    }
    setInterval(() => ticks++, 2);
    setTimeout(() => { late = true; }, 40);
    ctx.waitUntil(new Promise((resolve) => setTimeout(() => { kept = true; resolve(); }, 20)));
    return new Response(ticks === 0 ? "started" : "ticked at once");
  },
};
