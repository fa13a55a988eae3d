import { checks, equal, throws } from "../../check.js";

export default checks({
  "names": async () => {
    for (const name of ["", "a b", "a:", "é", "a\n", "(a)"]) await throws(() => new Headers().set(name, "1"), "TypeError");
  },
  "values": async () => {
    for (const value of ["a\r\nx-b: c", "a\nb", "a\0b", "\u0100"]) await throws(() => new Headers().append("x-a", value), "TypeError");
  },
  "reading an invalid name throws too": async () => {
    await throws(() => new Headers().get("a b"), "TypeError");
    await throws(() => new Headers().has("é"), "TypeError");
  },
  "malformed init": async () => {
    for (const init of [[["a"]], [["a", "1", "2"]], null, 5]) await throws(() => new Headers(init), "TypeError");
  },
  "odd but valid": () => equal(new Headers({ "!#$%&'*+-.^_`|~9": "" }).get("!#$%&'*+-.^_`|~9"), ""),
});
