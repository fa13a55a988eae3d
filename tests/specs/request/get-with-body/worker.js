import { checks, equal, throws } from "../../check.js";

export default checks({
  "GET": () => throws(() => new Request("https://example.com/", { body: "x" }), "TypeError"),
  "HEAD": () => throws(() => new Request("https://example.com/", { method: "HEAD", body: "" }), "TypeError"),
  "a null body is none": () => equal(new Request("https://example.com/", { body: null }).body, null),
  "DELETE may have one": async () => {
    equal(await new Request("https://example.com/", { method: "DELETE", body: "x" }).text(), "x");
  },
});
