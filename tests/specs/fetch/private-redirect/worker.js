import { checks, throws } from "../../check.js";

const all = checks({
  "302": async (request) => {
    const late = scheduler.wait(2000).then(() => { throw new Error("too late"); });
    await throws(() => Promise.race([fetch(`${request.url}moved`), late]), "TypeError");
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/moved" ? Response.redirect("http://10.0.0.1/") : all.fetch(request, env, ctx);
  },
};
