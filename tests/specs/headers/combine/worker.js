import { checks, equal } from "../../check.js";

export default checks({
  "append adds": () => {
    const headers = new Headers({ "x-a": "1" });
    headers.append("X-A", "2");
    headers.append("x-a", "");
    equal(headers.get("x-a"), "1, 2, ");
  },
  "set replaces all": () => {
    const headers = new Headers([["x-a", "1"], ["x-b", "2"], ["X-A", "3"]]);
    equal(headers.get("x-a"), "1, 3");
    headers.set("x-a", "4");
    equal([...headers], [["x-a", "4"], ["x-b", "2"]]);
  },
});
