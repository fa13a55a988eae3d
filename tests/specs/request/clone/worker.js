import { checks, equal, throws } from "../../check.js";

const make = () => new Request("https://example.com/a", { method: "POST", body: "text", headers: { "x-a": "1" } });

export default checks({
  "both can be read": async () => {
    const request = make();
    const copy = request.clone();
    equal(await request.text(), "text");
    equal(copy.bodyUsed, false);
    equal(await copy.text(), "text");
  },
  "headers are copied, not shared": () => {
    const request = make();
    const copy = request.clone();
    copy.headers.set("x-a", "2");
    equal([request.headers.get("x-a"), copy.headers.get("x-a")], ["1", "2"]);
  },
  "not after the body is used": async () => {
    const request = make();
    await request.text();
    await throws(() => request.clone(), "TypeError");
  },
});
