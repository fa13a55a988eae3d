import { checks, equal, throws } from "../../check.js";

export default checks({
  "a body throws": async () => {
    for (const status of [204, 205, 304]) {
      await throws(() => new Response("", { status }), "TypeError");
      await throws(() => new Response("x", { status }), "TypeError");
    }
  },
  "null does not": () => equal([204, 205, 304].map((status) => new Response(null, { status }).status), [204, 205, 304]),
  "nor does undefined": () => equal(new Response(undefined, { status: 204 }).body, null),
});
