import { WorkerEntrypoint } from "cloudflare:workers";
import { assert, checks, equal, throws } from "../../check.js";

export class Far extends WorkerEntrypoint {
  state(signal) {
    return [signal instanceof AbortSignal, signal.aborted, signal.reason?.name ?? null];
  }
  wait(signal) {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve([signal.aborted, signal.reason?.message ?? signal.reason])));
  }
  give() {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new RangeError("from afar")), 10);
    this.ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)));
    return controller.signal;
  }
}

export default checks({
  "its state": async (_, env) => {
    equal(await env.SELF.state(new AbortController().signal), [true, false, null]);
    equal(await env.SELF.state(AbortSignal.abort()), [true, true, "AbortError"]);
  },
  "it aborts there": async (_, env) => {
    const controller = new AbortController();
    const waiting = env.SELF.wait(controller.signal);
    setTimeout(() => controller.abort(new Error("given up")), 10);
    equal(await waiting, [true, "given up"]);
  },
  "and here": async (_, env) => {
    const signal = await env.SELF.give();
    const reason = await new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
    equal([reason.name, reason.message], ["RangeError", "from afar"]);
  },
});
