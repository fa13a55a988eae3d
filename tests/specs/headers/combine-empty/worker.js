import { checks, equal } from "../../check.js";

const make = () => new Headers([["x-a", ""], ["x-a", "1"], ["x-a", ""]]);

export default checks({
  "get": () => equal(make().get("x-a"), ", 1, "),
  "iteration": () => equal([...make()], [["x-a", ", 1, "]]),
});
