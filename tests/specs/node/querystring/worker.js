import querystring, { escape, parse, stringify, unescape } from "node:querystring";
import { assert, checks, equal, throws } from "../../check.js";

export default checks({
  "there and back": () => {
    equal({ ...querystring.parse("a=1&b=x%20y&a=2&c") }, { a: ["1", "2"], b: "x y", c: "" });
    equal(stringify({ a: [1, 2], b: "x y", c: true, d: null }), "a=1&a=2&b=x%20y&c=true&d=");
    equal([escape("a&b"), unescape("a%26b")], ["a%26b", "a&b"]);
    equal(Object.keys(parse("a&".repeat(2000))).length, 1);
    equal(stringify({ a: "b" }, ";", ":"), "a:b");
  },
});
