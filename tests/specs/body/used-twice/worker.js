import { checks, equal, throws } from "../../check.js";

export default checks({
  "bodyUsed tells": async () => {
    const response = new Response("x");
    equal(response.bodyUsed, false);
    const reading = response.text();
    equal(response.bodyUsed, true);
    equal(await reading, "x");
  },
  "reading again rejects": async () => {
    const response = new Response("x");
    await response.text();
    for (const read of ["text", "json", "arrayBuffer", "bytes", "blob", "formData"]) await throws(() => response[read](), "TypeError");
  },
  "an empty body is used as well": async () => {
    const response = new Response("");
    await response.text();
    equal(response.bodyUsed, true);
    await throws(() => response.text(), "TypeError");
  },
  "so is a request's": async () => {
    const request = new Request("https://example.com/", { method: "POST", body: "{}" });
    equal(await request.json(), {});
    await throws(() => request.json(), "TypeError");
  },
});
