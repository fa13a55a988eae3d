import example from "../../../../examples/counter/src/index.ts";
import { checks, equal } from "../../check.js";

export { Counter } from "../../../../examples/counter/src/index.ts";

const inside = checks({
  "each has its number": async ({ url }) => {
    const add = async () => (await (await fetch(new URL("/at-once", url), { method: "POST" })).json()).value;
    const values = await Promise.all(Array.from({ length: 100 }, add));
    equal(values.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1));
  },
});

export default {
  fetch(request, env, ctx) {
    return (new URL(request.url).pathname === "/" ? inside : example).fetch(request, env, ctx);
  },
};
