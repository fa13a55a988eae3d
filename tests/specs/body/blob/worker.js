import { checks, equal } from "../../check.js";

const blob = (body, type) => new Response(body, type ? { headers: { "content-type": type } } : {}).blob();

export default checks({
  "bytes and size": async () => {
    const result = await blob("é!");
    equal([result instanceof Blob, result.size, await result.text()], [true, 3, "é!"]);
  },
  "the type is the headers'": async () => equal((await blob("p {}", "text/css")).type, "text/css"),
  "the type of a Blob stays": async () => equal((await blob(new Blob(["x"], { type: "image/png" }))).type, "image/png"),
  "no body is an empty Blob": async () => {
    const result = await blob(null);
    equal([result.size, result.type], [0, ""]);
  },
});
