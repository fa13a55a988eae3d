import { checks, equal } from "../../check.js";

export default checks({
  "the body is null and unused": async (request) => {
    equal(request.body, null);
    equal(request.bodyUsed, false);
  },
  "text() is empty and may be called again": async (request) => {
    equal(await request.text(), "");
    equal(await request.text(), "");
    equal(request.bodyUsed, false);
  },
});
