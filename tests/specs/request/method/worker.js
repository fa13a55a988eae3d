import { checks, equal, throws } from "../../check.js";

const method = (name) => new Request("https://example.com/", { method: name }).method;

export default checks({
  "GET is the default": () => equal(new Request("https://example.com/").method, "GET"),
  "well-known methods become upper case": () => {
    equal(["get", "Head", "post", "pUT", "delete", "options"].map(method), ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
  },
  "forbidden methods throw": async () => {
    for (const name of ["CONNECT", "trace"]) await throws(() => method(name), "TypeError");
  },
  "what is no token throws": async () => {
    for (const name of ["", "GET X", "GÉT", "GET\r\n"]) await throws(() => method(name), "TypeError");
  },
});
