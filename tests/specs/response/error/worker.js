import { checks, equal, throws } from "../../check.js";

const inside = checks({
  "type and status": () => {
    const { type, status, statusText, ok, body } = Response.error();
    equal({ type, status, statusText, ok, body }, { type: "error", status: 0, statusText: "", ok: false, body: null });
  },
  "its headers are immutable": () => throws(() => Response.error().headers.set("x-a", "1"), "TypeError"),
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/wire" ? Response.error() : inside.fetch(request, env, ctx);
  },
};
