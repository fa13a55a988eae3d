import { checks, throws } from "../../check.js";

export default checks({
  "append": () => throws(() => new FormData().append("a", "text", "name.txt"), "TypeError"),
  "set": () => throws(() => new FormData().set("a", "text", "name.txt"), "TypeError"),
});
