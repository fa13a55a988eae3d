// A tenant like any other. It answers "hello" as long as nobody has reached into its isolate.

export default {
  fetch() {
    return new Response(globalThis.touched ?? Object.prototype.touched ?? Response.touched ?? "hello");
  },
};
