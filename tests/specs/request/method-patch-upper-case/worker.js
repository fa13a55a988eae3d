import { checks, equal } from "../../check.js";

export default checks({
  "patch": () => equal(new Request("https://example.com/", { method: "patch" }).method, "PATCH"),
  "Patch": () => equal(new Request("https://example.com/", { method: "Patch" }).method, "PATCH"),
});
