import { checks, equal } from "../../check.js";

export default checks({
  "chunks": async () => {
    let text = "";
    for await (const chunk of new Response("téxt").body) {
      equal(chunk instanceof Uint8Array, true);
      text += new TextDecoder().decode(chunk);
    }
    equal(text, "téxt");
  },
  "the same object": () => {
    const response = new Response("text");
    equal(response.body === response.body, true);
  },
  "a given stream is the body": async () => {
    const stream = new Blob(["x"]).stream();
    equal(new Response(stream).body === stream, true);
  },
});
