let count = 0;

export default {
  fetch(request, env, ctx) {
    count++;
    const error = new RangeError("the anchor drags");
    if (error.message !== "the anchor drags") {
      return new Response("the error is another", { status: 500 });
    }
    ctx.waitUntil(Promise.reject(error));
    return new Response(`fine: ${count}`);
  },
};
