import { checks, equal, throws } from "../../check.js";

const inside = checks({
  "a given content type stays": () => {
    const response = Response.json(1, { headers: { "content-type": "application/problem+json" } });
    equal(response.headers.get("content-type"), "application/problem+json");
  },
  "it can be read back": async () => equal(await Response.json({ a: "é" }).json(), { a: "é" }),
  "what has no JSON throws": async () => {
    await throws(() => Response.json(undefined), "TypeError");
    await throws(() => Response.json(() => {}), "TypeError");
    await throws(() => Response.json(1n), "TypeError");
  },
  "a null-body status throws": () => throws(() => Response.json(1, { status: 204 }), "TypeError"),
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/wire"
      ? Response.json({ a: [1, null] }, { status: 201, headers: { "x-a": "1" } })
      : inside.fetch(request, env, ctx);
  },
};
