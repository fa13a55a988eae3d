import { assert, checks, equal, throws } from "../../check.js";

export const named = {
  value: 5,
  one(i, env, ctx) {
    return [i * env.TWELVE, typeof ctx.waitUntil, ctx.props, this === named];
  },
  fewer: async (i) => i * 2,
  two(a, b, env, ctx) {
    return a * b;
  },
  async fetch() {
    return new Response("fetched");
  },
};

export default {
  ...checks({
    "one argument": async (_, env) => {
      equal(await env.NAMED.one(3), [36, "function", { role: "owner" }, true]);
      equal([await env.NAMED.fewer(3), await env.DEFAULT.fewer(4)], [6, 12]);
      equal(await (await env.NAMED.fetch("http://x/")).text(), "fetched");
    },
    "no other number of them": async (_, env) => {
      for (const call of [() => env.NAMED.one(), () => env.NAMED.one(1, 2), () => env.NAMED.two(1), () => env.NAMED.two(1, 2)]) {
        assert((await throws(call, "TypeError")).message.includes("WorkerEntrypoint"));
      }
    },
    "what is no method": async (_, env) => {
      for (const call of [() => env.NAMED.missing(1), () => env.NAMED.toString(1), () => env.NAMED.value(1), () => env.NAMED.constructor(1)]) await throws(call, "TypeError");
    },
  }),
  fewer(i) {
    return i * 3;
  },
};
