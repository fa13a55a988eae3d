import { checks, equal } from "../../check.js";

export default checks({
  "named groups match": () => {
    const match = new URLPattern({ pathname: "/books/:id" }).exec("https://example.com/books/42");
    equal(match.pathname.groups, { id: "42" });
  },
  "test() refuses other paths": () => {
    equal(new URLPattern({ pathname: "/books/:id" }).test("https://example.com/films/42"), false);
  },
});
