import { assert, checks, equal } from "../../check.js";

export default checks({
  "methods": (request, env, ctx) => {
    equal(typeof ctx.waitUntil, "function");
    equal(typeof ctx.passThroughOnException, "function");
    equal(ctx.passThroughOnException(), undefined);
  },
  "props": (request, env, ctx) => {
    assert(typeof ctx.props === "object" && ctx.props !== null, "props is no object");
    equal(Object.keys(ctx.props).length, 0);
  },
});
