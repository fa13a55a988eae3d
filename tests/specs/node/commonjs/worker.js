import old from "./old.cjs";
import { checks, equal } from "../../check.js";

export default checks({
  "required": () => equal(old(), { text: "YQ==", joined: "a/b", emitter: true, deprecated: "string", inherits: true, late: "a/c" }),
});
