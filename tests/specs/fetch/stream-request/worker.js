import { checks, equal } from "../../check.js";

const encode = (text) => new TextEncoder().encode(text);

async function receive(request) {
  const parts = [];
  for await (const chunk of request.body) parts.push(new TextDecoder().decode(chunk));
  return Response.json({ parts, length: request.headers.get("content-length") });
}

const send = async (request, stream) => {
  const writer = stream.writable.getWriter();
  const write = async () => {
    await writer.write(encode("first"));
    await scheduler.wait(300);
    await writer.write(encode("second"));
    await writer.close();
  };
  const answer = fetch(`${request.url}receive`, { method: "POST", body: stream.readable });
  await write();
  return await (await answer).json();
};

const all = checks({
  "in parts, of unknown length": async (request) => {
    equal(await send(request, new TransformStream()), { parts: ["first", "second"], length: null });
  },
  "in parts, of known length": async (request) => {
    equal(await send(request, new FixedLengthStream(11)), { parts: ["first", "second"], length: "11" });
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/receive" ? receive(request) : all.fetch(request, env, ctx);
  },
};
