import { checks, equal, throws } from "../../check.js";

const test = (pattern, url) => new URLPattern(pattern).test(url);

export default checks({
  "wildcards": () => {
    const groups = new URLPattern({ pathname: "/files/*" }).exec("https://a/files/x/y.txt").pathname.groups;
    equal([groups[0], test({ hostname: "*.example.com" }, "https://a.example.com/"), test({ hostname: "*.example.com" }, "https://example.com/")], ["x/y.txt", true, false]);
  },
  "regular expressions": () => equal([test({ pathname: "/:id(\\d+)" }, "https://a/12"), test({ pathname: "/:id(\\d+)" }, "https://a/x")], [true, false]),
  "modifiers": () => equal(["/a", "/a/b", "/a/b/c"].map((path) => test({ pathname: "/a/:b?" }, `https://x${path}`)), [true, true, false]),
  "with a base": () => {
    const pattern = new URLPattern("/a/:b", "https://example.com");
    equal([pattern.test("/a/1", "https://example.com"), pattern.test("https://other.example/a/1")], [true, false]);
    equal([pattern.hostname, pattern.pathname, pattern.protocol], ["example.com", "/a/:b", "https"]);
  },
  "invalid": async () => {
    await throws(() => new URLPattern({ pathname: "/:" }), "TypeError");
    await throws(() => new URLPattern("/a"), "TypeError");
  },
});
