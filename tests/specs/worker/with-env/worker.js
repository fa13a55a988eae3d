import * as workers from "cloudflare:workers";

export default {
  async fetch() {
    const seen = [workers.env.HARBOUR];
    await workers.withEnv({ HARBOUR: "Scalloway" }, async () => {
      seen.push(workers.env.HARBOUR);
      await scheduler.wait(1);
      seen.push(workers.env.HARBOUR);
    });
    seen.push(workers.env.HARBOUR);
    return new Response(seen.join(" "));
  },
};
