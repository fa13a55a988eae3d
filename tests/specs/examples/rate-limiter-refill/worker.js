import example from "../../../../examples/rate-limiter/src/index.ts";
import { assert, checks, equal } from "../../check.js";

export { Bucket } from "../../../../examples/rate-limiter/src/index.ts";

const from = (address, env) => example.fetch(new Request("http://example/", { headers: { "CF-Connecting-IP": address } }), env);

async function refused(address, env) {
  for (;;) {
    const response = await from(address, env);
    if (response.status === 429) return response;
    equal(response.status, 200);
  }
}

export default checks({
  "who comes when told to is let in": async (_, env) => {
    for (let i = 0; i < 2; i++) {
      const response = await refused("192.0.2.1", env);
      const seconds = Number(response.headers.get("Retry-After"));
      equal([response.headers.get("X-RateLimit-Remaining"), seconds], ["0", 1]);
      await scheduler.wait(1000 * seconds);
      equal((await from("192.0.2.1", env)).status, 200);
    }
  },
  "others are let in meanwhile": async (_, env) => {
    await refused("192.0.2.2", env);
    const other = await from("192.0.2.3", env);
    equal([other.status, other.headers.get("X-RateLimit-Remaining")], [200, "1"]);
  },
  "who comes often at once is refused": async (_, env) => {
    const all = await Promise.all(Array.from({ length: 50 }, () => from("192.0.2.4", env)));
    const letIn = all.filter(({ status }) => status === 200).length;
    assert(letIn >= 2 && letIn < 50, `${letIn} of 50`);
  },
});
