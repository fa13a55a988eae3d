import { checks, equal } from "../../check.js";

const stream = () =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("one "));
      controller.enqueue(new TextEncoder().encode("two"));
      controller.close();
    },
  });
const request = (init) => new Request("https://example.com/", { method: "POST", body: stream(), ...init });

export default checks({
  "with duplex": async () => equal(await request({ duplex: "half" }).text(), "one two"),
  "without duplex": async () => equal(await request().text(), "one two"),
  "it has no content type": () => equal(request().headers.get("content-type"), null),
});
