import { checks, equal, throws } from "../../check.js";

export default checks({
  "it is normalised": () => equal(new Request("HTTPS://EXAMPLE.com:443/a/../b c").url, "https://example.com/b%20c"),
  "a fragment stays": () => equal(new Request("https://example.com/#part").url, "https://example.com/#part"),
  "a URL object will do": () => equal(new Request(new URL("https://example.com/x")).url, "https://example.com/x"),
  "relative URLs throw": () => throws(() => new Request("/path"), "TypeError"),
});
