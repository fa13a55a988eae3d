import { checks, equal, throws } from "../../check.js";

export default checks({
  "set, append and delete throw TypeError": async (request) => {
    await throws(() => request.headers.set("x-a", "1"), "TypeError");
    await throws(() => request.headers.append("x-a", "1"), "TypeError");
    await throws(() => request.headers.delete("host"), "TypeError");
    equal(request.headers.has("x-a"), false);
  },
  "a new Request of it has headers that can be changed": (request) => {
    const copy = new Request(request);
    copy.headers.set("x-a", "1");
    equal(copy.headers.get("x-a"), "1");
    equal(request.headers.get("x-a"), null);
  },
  "a new Headers of them can be changed": (request) => {
    const copy = new Headers(request.headers);
    copy.set("host", "other.example");
    equal(copy.get("host"), "other.example");
  },
});
