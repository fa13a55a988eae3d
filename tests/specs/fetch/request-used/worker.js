import { checks, equal, throws } from "../../check.js";

const make = (request) => new Request(`${request.url}echo`, { method: "POST", body: "text" });

const all = checks({
  "the body is used": async (request) => {
    const sent = make(request);
    equal(await (await fetch(sent)).text(), "text");
    equal(sent.bodyUsed, true);
  },
  "a second time rejects": async (request) => {
    const sent = make(request);
    await fetch(sent);
    await throws(() => fetch(sent), "TypeError");
  },
  "a clone can be sent": async (request) => {
    const sent = make(request);
    const copy = sent.clone();
    equal([await (await fetch(sent)).text(), await (await fetch(copy)).text()], ["text", "text"]);
  },
  "one without a body can be sent again": async (request) => {
    const sent = new Request(`${request.url}echo`);
    equal([(await fetch(sent)).status, (await fetch(sent)).status], [200, 200]);
  },
});

export default {
  async fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/echo" ? new Response(await request.text()) : all.fetch(request, env, ctx);
  },
};
