import { checks, equal, throws } from "../../check.js";

export default checks({
  "all parts": () => {
    const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } =
      new URL("HTTPS://user:p%40ss@EXAMPLE.com:8443/a/../b%20c;d?q=1&r=ü#teil é");
    equal({ href, origin, protocol, username, password, host, hostname, port, pathname, search, hash }, {
      href: "https://user:p%40ss@example.com:8443/b%20c;d?q=1&r=%C3%BC#teil%20%C3%A9",
      origin: "https://example.com:8443",
      protocol: "https:",
      username: "user",
      password: "p%40ss",
      host: "example.com:8443",
      hostname: "example.com",
      port: "8443",
      pathname: "/b%20c;d",
      search: "?q=1&r=%C3%BC",
      hash: "#teil%20%C3%A9",
    });
  },
  "origins": () => {
    equal(["http://a:80/x", "blob:https://a.example/id", "mailto:a@b", "file:///x"].map((url) => new URL(url).origin), ["http://a", "https://a.example", "null", "null"]);
  },
  "as text": () => {
    const url = new URL("http://a?");
    equal([String(url), JSON.stringify({ url })], ["http://a/?", '{"url":"http://a/?"}']);
  },
  "what is no URL throws": async () => {
    for (const text of ["", "a", "//a", "http://", "http://a:b", "http://[::1", "http://a b/"]) await throws(() => new URL(text), "TypeError");
  },
});
