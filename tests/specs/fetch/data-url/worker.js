import { checks, equal, throws } from "../../check.js";

export default checks({
  "text": async () => {
    const response = await fetch("data:text/css;charset=utf-8,p%20%7B%7D");
    equal([response.status, response.headers.get("content-type"), await response.text()], [200, "text/css;charset=utf-8", "p {}"]);
  },
  "base64": async () => equal([...(await (await fetch("data:;base64,AAH/")).bytes())], [0, 1, 255]),
  "without a type or a fragment": async () => {
    const response = await fetch("data:,a%00?b=c#d");
    equal([response.url, response.headers.get("content-type"), await response.text()], ["data:,a%00?b=c", "text/plain;charset=US-ASCII", "a\0?b=c"]);
  },
  "broken": async () => {
    await throws(() => fetch("data:nothing"), "TypeError");
    await throws(() => fetch("data:;base64,a"), "TypeError");
  },
  "aborted": () => throws(() => fetch("data:,", { signal: AbortSignal.abort() }), "AbortError"),
});
