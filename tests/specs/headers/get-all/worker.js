import { checks, equal, throws } from "../../check.js";

const make = () => new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1"]]);

export default checks({
  "Set-Cookie": () => equal(make().getAll("Set-Cookie"), ["a=1", "b=2"]),
  "other names throw TypeError": () => throws(() => make().getAll("x-a"), "TypeError"),
});
