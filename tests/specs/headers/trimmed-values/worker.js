import { checks, equal } from "../../check.js";

export default checks({
  "at construction": () => equal(new Headers({ "x-a": " \t\r\na  b\n " }).get("x-a"), "a  b"),
  "set and append": () => {
    const headers = new Headers();
    headers.set("x-a", "  1 ");
    headers.append("x-a", "\t2\t");
    equal(headers.get("x-a"), "1, 2");
  },
  "values become strings": () => equal(new Headers({ "x-a": 5, "x-b": null }).get("x-b"), "null"),
});
