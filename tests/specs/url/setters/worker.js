import { checks, equal, throws } from "../../check.js";

const set = (values, from = "https://example.com:8443/a?b#c") => Object.assign(new URL(from), values).href;

export default checks({
  "each part": () => {
    equal(set({ protocol: "http" }), "http://example.com:8443/a?b#c");
    equal(set({ host: "other:1" }), "https://other:1/a?b#c");
    equal(set({ hostname: "other" }), "https://other:8443/a?b#c");
    equal(set({ port: 443 }), "https://example.com/a?b#c");
    equal(set({ pathname: "x y?" }), "https://example.com:8443/x%20y%3F?b#c");
    equal(set({ search: "", hash: "" }), "https://example.com:8443/a");
    equal(set({ username: "ü", password: "@" }), "https://%C3%BC:%40@example.com:8443/a?b#c");
  },
  "ignored": () => {
    for (const values of [{ protocol: "mailto" }, { port: "99999" }, { port: "x" }, { hostname: "" }, { host: "a b" }]) {
      equal(set(values), "https://example.com:8443/a?b#c", JSON.stringify(values));
    }
  },
  "href may throw": async () => {
    equal(set({ href: "http://x" }), "http://x/");
    await throws(() => set({ href: "x" }), "TypeError");
  },
});
