import { checks, equal, throws } from "../../check.js";

const resolve = (url, base = "https://example.com/a/b?c#d") => new URL(url, base).href;

export default checks({
  "paths": () => equal(["e", "./e", "../e", "/e", "../../../e", "e/.."].map((url) => resolve(url)), [
    "https://example.com/a/e",
    "https://example.com/a/e",
    "https://example.com/e",
    "https://example.com/e",
    "https://example.com/e",
    "https://example.com/a/",
  ]),
  "the rest": () => equal(["", "?x", "#y", "//other/z", "http:f"].map((url) => resolve(url)), [
    "https://example.com/a/b?c",
    "https://example.com/a/b?x",
    "https://example.com/a/b?c#y",
    "https://other/z",
    "http://f/",
  ]),
  "an absolute one needs no base": () => equal(resolve("ftp://x/y"), "ftp://x/y"),
  "an opaque base throws": () => throws(() => resolve("x", "mailto:a@b"), "TypeError"),
});
