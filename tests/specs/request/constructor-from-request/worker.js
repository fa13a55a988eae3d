import { checks, equal, throws } from "../../check.js";

const make = () => new Request("https://example.com/a", { method: "POST", body: "text", headers: { "x-a": "1" } });

export default checks({
  "method, URL, headers and body are copied": async () => {
    const copy = new Request(make());
    equal([copy.method, copy.url, copy.headers.get("x-a"), await copy.text()], ["POST", "https://example.com/a", "1", "text"]);
  },
  "the body moves": async () => {
    const original = make();
    const copy = new Request(original);
    equal([original.bodyUsed, copy.bodyUsed], [true, false]);
    await throws(() => original.text(), "TypeError");
    await throws(() => new Request(original), "TypeError");
  },
  "init replaces method, headers and body": async () => {
    const copy = new Request(make(), { method: "PUT", headers: { "x-b": "2" }, body: "new" });
    equal([copy.method, copy.headers.get("x-a"), copy.headers.get("x-b"), await copy.text()], ["PUT", null, "2", "new"]);
  },
});
