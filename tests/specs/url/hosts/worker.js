import { checks, equal, throws } from "../../check.js";

const host = (text) => new URL(`http://${text}/`).hostname;

export default checks({
  "IDNA": () => equal([host("München.DE"), host("ｅxample.com"), host("☃.net"), host("a%2Eb.com")], ["xn--mnchen-3ya.de", "example.com", "xn--n3h.net", "a.b.com"]),
  "IPv4": () => equal(["127.1", "0x7f.0.0.1", "2130706433", "017700000001", "169.254.43518"].map(host), [...Array(4).fill("127.0.0.1"), "169.254.169.254"]),
  "IPv6": () => equal([host("[0:0:0:0:0:0:0:1]"), host("[2001:DB8::0:1]"), host("[::ffff:10.0.0.1]")], ["[::1]", "[2001:db8::1]", "[::ffff:a00:1]"]),
  "invalid": async () => {
    for (const text of ["256.0.0.1", "1.2.3.4.5", "[::g]", "a<b", "xn--a"]) await throws(() => host(text), "TypeError");
  },
});
