import { checks, equal } from "../../check.js";

export default checks({
  "lone surrogates": async () => equal(await new Response("a\ud800b").text(), "a\ufffdb"),
  "a byte order mark before text": async () => equal(await new Response("\ufeffa").text(), "a"),
  "a byte order mark before JSON": async () => equal(await new Response("\ufeff[1]").json(), [1]),
});
