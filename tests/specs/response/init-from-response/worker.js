import { checks, equal } from "../../check.js";

const make = () => new Response("text", { status: 203, statusText: "Changed", headers: { "x-a": "1", "set-cookie": "a=1" } });

export default checks({
  "status, text and headers": async () => {
    const copy = new Response("other", make());
    equal([copy.status, copy.statusText, copy.headers.get("x-a"), await copy.text()], [203, "Changed", "1", "other"]);
  },
  "the headers can be changed": () => {
    const original = make();
    const copy = new Response(original.body, original);
    copy.headers.set("x-a", "2");
    equal([copy.headers.get("x-a"), original.headers.get("x-a")], ["2", "1"]);
  },
  "cookies stay apart": () => {
    const original = make();
    original.headers.append("set-cookie", "b=2");
    equal(new Response(null, original).headers.getSetCookie(), ["a=1", "b=2"]);
  },
});
