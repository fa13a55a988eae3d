import { checks, equal } from "../../check.js";

const readTwo = async (reader) => new TextDecoder().decode((await reader.read(new Uint8Array(2))).value);

const inside = checks({
  "made of text": async () => equal(await readTwo(new Response("text").body.getReader({ mode: "byob" })), "te"),
  "made of bytes": async () => equal(await readTwo(new Response(new Uint8Array([97, 98])).body.getReader({ mode: "byob" })), "ab"),
  "made of a Blob": async () => equal(await readTwo(new Response(new Blob(["text"])).body.getReader({ mode: "byob" })), "te"),
});

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/incoming") return inside.fetch(request, env, ctx);
    const reader = request.body.getReader({ mode: "byob" });
    return new Response(`${await readTwo(reader)}|${await readTwo(reader)}`);
  },
};
