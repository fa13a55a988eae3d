import { checks, equal } from "../../check.js";

export default checks({
  "lower case": () => equal(new Blob([], { type: "Text/CSS;Charset=UTF-8" }).type, "text/css;charset=utf-8"),
  "not ASCII": () => equal([new Blob([], { type: "té" }).type, new Blob([], { type: "a\nb" }).type], ["", ""]),
  "not checked further": () => equal(new Blob([], { type: "whatever" }).type, "whatever"),
});
