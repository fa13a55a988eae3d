import { checks, equal } from "../../check.js";

export default checks({
  "canParse": () => equal([URL.canParse("https://a/"), URL.canParse("/a"), URL.canParse("/a", "https://b")], [true, false, true]),
  "parse": () => equal([URL.parse("https://A").href, URL.parse("/a"), URL.parse("/a", "https://b").href], ["https://a/", null, "https://b/a"]),
  "parse gives a URL": () => equal(URL.parse("https://a/") instanceof URL, true),
});
