import { checks, equal, throws } from "../../check.js";

export default checks({
  "incoming": (request) => equal(request.redirect, "manual"),
  "copies of it keep the mode": (request) => {
    equal(new Request(request).redirect, "manual");
    equal(request.clone().redirect, "manual");
  },
  "the mode of a copy can be given": (request) => equal(new Request(request, { redirect: "error" }).redirect, "error"),
  "a new request follows": () => equal(new Request("https://example.com/").redirect, "follow"),
  "other modes are refused": () => throws(() => new Request("https://example.com/", { redirect: "sometimes" }), "TypeError"),
});
