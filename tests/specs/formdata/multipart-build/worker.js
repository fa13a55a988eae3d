import { checks, equal } from "../../check.js";

const make = () => {
  const form = new FormData();
  form.append("a", "one");
  form.append("f", new File(["p {}"], "x.css", { type: "text/css" }));
  form.append("b", new Blob(["bytes"]));
  return form;
};

const inside = checks({
  "the boundary of the content type is the body's": async () => {
    const response = new Response(make());
    const boundary = response.headers.get("content-type").split("boundary=")[1];
    const text = await response.text();
    equal([text.startsWith(`--${boundary}\r\n`), text.trimEnd().endsWith(`--${boundary}--`)], [true, true]);
  },
  "it can be read back": async () => {
    const back = await new Response(make()).formData();
    equal([back.get("a"), back.get("f").type, await back.get("b").text()], ["one", "text/css", "bytes"]);
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/wire" ? new Response(make()) : inside.fetch(request, env, ctx);
  },
};
