import { checks, equal, throws } from "../../check.js";

const make = () => new Response("text", { status: 201, statusText: "Made", headers: { "x-a": "1" } });

export default checks({
  "both can be read": async () => {
    const response = make();
    const copy = response.clone();
    equal([await response.text(), await copy.text()], ["text", "text"]);
  },
  "status and headers are copied": () => {
    const response = make();
    const copy = response.clone();
    copy.headers.set("x-a", "2");
    equal([copy.status, copy.statusText, copy.headers.get("x-a"), response.headers.get("x-a")], [201, "Made", "2", "1"]);
  },
  "not while the body is locked": async () => {
    const response = make();
    response.body.getReader();
    await throws(() => response.clone(), "TypeError");
  },
  "not after the body is used": async () => {
    const response = make();
    await response.arrayBuffer();
    await throws(() => response.clone(), "TypeError");
  },
});
