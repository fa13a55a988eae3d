import { checks, equal, throws } from "../../check.js";

const inside = checks({
  "the status can be given": () => {
    equal([301, 302, 303, 307, 308].map((status) => Response.redirect("https://example.com/", status).status), [301, 302, 303, 307, 308]);
  },
  "other statuses throw RangeError": async () => {
    for (const status of [200, 304, 400]) await throws(() => Response.redirect("https://example.com/", status), "RangeError");
  },
  "what is not a URL throws": () => throws(() => Response.redirect("https://:/"), "TypeError"),
  "its headers are immutable": () => throws(() => Response.redirect("https://example.com/").headers.set("x-a", "1"), "TypeError"),
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/wire" ? Response.redirect("https://EXAMPLE.com/x y") : inside.fetch(request, env, ctx);
  },
};
