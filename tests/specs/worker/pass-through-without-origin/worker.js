export default {
  fetch(request, env, ctx) {
    ctx.passThroughOnException();
    throw new RangeError("the tide is out");
  },
};
