import { checks, equal } from "../../check.js";

const inside = checks({
  "get, has, set and delete": () => {
    const headers = new Headers({ "Content-Type": "a/b" });
    equal([headers.get("content-TYPE"), headers.has("CONTENT-TYPE")], ["a/b", true]);
    headers.set("content-type", "c/d");
    equal([...headers], [["content-type", "c/d"]]);
    headers.delete("cOntent-type");
    equal(headers.has("content-type"), false);
  },
});

export default {
  fetch(request, env, ctx) {
    const { headers } = request;
    return new URL(request.url).pathname === "/wire"
      ? new Response(`${headers.get("x-mixed")} ${headers.get("X-MIXED")}`, { headers: { "X-Answer": "2" } })
      : inside.fetch(request, env, ctx);
  },
};
