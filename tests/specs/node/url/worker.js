import url, { domainToASCII, domainToUnicode, fileURLToPath, format, pathToFileURL, resolve, URL as Named, urlToHttpOptions } from "node:url";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "parse": () => {
    const { auth, hash, hostname, path, pathname, port, protocol, query } = url.parse("http://u:p@Host.com:8080/p/a?x=1&y=2#h", true);
    equal([auth, hash, hostname, path, pathname, port, protocol, query.y], ["u:p", "#h", "host.com", "/p/a?x=1&y=2", "/p/a", "8080", "http:", "2"]);
  },
  "format and resolve": () => {
    equal(format({ protocol: "https", host: "a.b", pathname: "/c", query: { d: 1 } }), "https://a.b/c?d=1");
    equal([resolve("/one/two/three", "four"), resolve("http://a.com/b", "/c")], ["/one/two/four", "http://a.com/c"]);
    equal(format(new URL("http://u:p@a.com/x#h"), { auth: false, fragment: false }), "http://a.com/x");
  },
  "files": () => {
    equal(fileURLToPath("file:///a/b%20c"), "/a/b c");
    equal(pathToFileURL("/a b#c").href, "file:///a%20b%23c");
  },
  "domains": () => {
    equal([domainToASCII("espa\u00f1ol.com"), domainToUnicode("xn--espaol-zwa.com"), domainToASCII("xn--i\u00f1valid.com")], ["xn--espaol-zwa.com", "espa\u00f1ol.com", ""]);
  },
  "classes": () => assert(Named === URL && urlToHttpOptions(new URL("http://a:b@c.d:1/e?f")).path === "/e?f"),
});
