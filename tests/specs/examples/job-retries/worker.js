import example from "../../../../examples/job/src/index.ts";
import { DurableObject } from "cloudflare:workers";
import { assert, checks, equal } from "../../check.js";

export { Job } from "../../../../examples/job/src/index.ts";

/** What came to a receiver of texts. */
export class Receiver extends DurableObject {
  take(key, attempt, text) {
    const { kv } = this.ctx.storage;
    kv.put("taken", [...(kv.get("taken") ?? []), [key, attempt, text]]);
  }
  taken() {
    return this.ctx.storage.kv.get("taken") ?? [];
  }
}

async function start(base, key, receiver) {
  const body = JSON.stringify({ url: `/receive/${receiver}`, text: `the text of ${key}` });
  const response = await fetch(new URL("/jobs", base), { method: "POST", headers: { "Idempotency-Key": key }, body });
  equal([response.status, await response.json()], [202, { job: key }]);
}

async function finished(base, key) {
  const seen = new Set();
  for (;;) {
    const status = await (await fetch(new URL(`/jobs/${key}`, base))).json();
    seen.add(status.state);
    if (status.state === "done" || status.state === "failed") return { ...status, seen };
    assert(["queued", "running", "waiting"].includes(status.state), status.state);
    assert(status.state !== "waiting" || status.next > 0);
    await scheduler.wait(20);
  }
}

const inside = checks({
  "taken at once": async ({ url }, env) => {
    await start(url, "plain", "200");
    const { state, attempts, error } = await finished(url, "plain");
    equal([state, attempts, error], ["done", 1, undefined]);
    equal(await env.RECEIVERS.getByName("200").taken(), [["plain", "1", "the text of plain"]]);
  },
  "taken at the third attempt": async ({ url }, env) => {
    await start(url, "later", "503-twice");
    const { state, attempts } = await finished(url, "later");
    equal([state, attempts], ["done", 3]);
    const expected = ["1", "2", "3"].map((attempt) => ["later", attempt, "the text of later"]);
    equal(await env.RECEIVERS.getByName("503-twice").taken(), expected);
  },
  "never taken": async ({ url }) => {
    await start(url, "never", "503");
    const { state, attempts, error } = await finished(url, "never");
    equal([state, attempts, error], ["failed", 4, "the answer was 503"]);
  },
  "refused": async ({ url }) => {
    await start(url, "refused", "404");
    const { state, attempts, error } = await finished(url, "refused");
    equal([state, attempts, error], ["failed", 1, "the answer was 404"]);
  },
  "asked for many times": async ({ url }, env) => {
    await Promise.all(Array.from({ length: 20 }, () => start(url, "many", "once")));
    await finished(url, "many");
    await start(url, "many", "once");
    equal((await finished(url, "many")).attempts, 1);
    equal(await env.RECEIVERS.getByName("once").taken(), [["many", "1", "the text of many"]]);
  },
});

export default {
  async fetch(request, env, ctx) {
    const [, first, receiver] = new URL(request.url).pathname.split("/");
    if (first !== "receive") {
      return (first === "" ? inside : example).fetch(request, env, ctx);
    }
    const attempt = request.headers.get("X-Attempt");
    await env.RECEIVERS.getByName(receiver).take(request.headers.get("Idempotency-Key"), attempt, await request.text());
    const status = { "503-twice": Number(attempt) < 3 ? 503 : 200, "503": 503, "404": 404 }[receiver] ?? 200;
    return new Response("seen", { status });
  },
};
