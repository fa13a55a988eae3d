import { checks, equal } from "../../check.js";

const make = () => new Headers([["Set-Cookie", "a=1; Path=/"], ["x-a", "1"], ["set-cookie", "b=2, c"]]);

export default checks({
  "getSetCookie": () => equal(make().getSetCookie(), ["a=1; Path=/", "b=2, c"]),
  "none": () => equal(new Headers().getSetCookie(), []),
  "get joins them": () => equal(make().get("set-cookie"), "a=1; Path=/, b=2, c"),
  "iteration gives each": () => {
    equal([...make()], [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2, c"], ["x-a", "1"]]);
  },
  "set replaces all": () => {
    const headers = make();
    headers.set("set-cookie", "d=3");
    equal(headers.getSetCookie(), ["d=3"]);
  },
});
