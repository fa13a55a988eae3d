import { checks, equal } from "../../check.js";

export default checks({
  "the protocol of the connection": (request) => {
    equal(typeof request.cf, "object");
    equal(request.cf.httpProtocol, "HTTP/1.1");
  },
  "clone and new Request keep it": (request) => {
    equal(request.clone().cf.httpProtocol, "HTTP/1.1");
    equal(new Request(request).cf.httpProtocol, "HTTP/1.1");
    equal(new Request("https://example.com/", request).cf.httpProtocol, "HTTP/1.1");
  },
  "a new request has what it is given": () => {
    equal(new Request("https://example.com/", { cf: { colo: "XYZ" } }).cf.colo, "XYZ");
    equal(new Request("https://example.com/").cf, undefined);
  },
});
