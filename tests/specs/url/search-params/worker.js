import { checks, equal, throws } from "../../check.js";

export default checks({
  "made from text, pairs or an object": () => {
    equal([...new URLSearchParams("?a=1&b=%C3%A9+x&a=&c")], [["a", "1"], ["b", "é x"], ["a", ""], ["c", ""]]);
    equal([...new URLSearchParams([["a", "1"], ["a", "2"]])], [["a", "1"], ["a", "2"]]);
    equal([...new URLSearchParams({ a: 1, b: "?" })], [["a", "1"], ["b", "?"]]);
  },
  "written": () => equal(String(new URLSearchParams({ "a b": "~*-._", "é": "&=+%" })), "a+b=%7E*-._&%C3%A9=%26%3D%2B%25"),
  "get, getAll, set, append and size": () => {
    const params = new URLSearchParams("a=1&b=2&a=3");
    equal([params.get("a"), params.getAll("a"), params.get("x"), params.size], ["1", ["1", "3"], null, 3]);
    params.set("a", "4");
    params.append("c", "5");
    equal(String(params), "a=4&b=2&c=5");
  },
  "has and delete may take a value": () => {
    const params = new URLSearchParams("a=1&a=2&b=3");
    equal([params.has("a", "2"), params.has("a", "3")], [true, false]);
    params.delete("a", "1");
    equal(String(params), "a=2&b=3");
  },
  "pairs must be pairs": () => throws(() => new URLSearchParams([["a"]]), "TypeError"),
});
