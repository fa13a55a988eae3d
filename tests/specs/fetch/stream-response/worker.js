import { checks, equal } from "../../check.js";

const slow = () => {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const send = async () => {
    await writer.write(new TextEncoder().encode("first"));
    await scheduler.wait(500);
    await writer.write(new TextEncoder().encode("second"));
    await writer.close();
  };
  send();
  return new Response(readable);
};

const all = checks({
  "the first chunk comes first": async (request) => {
    const reader = (await fetch(`${request.url}slow`)).body.getReader();
    const decode = ({ value }) => new TextDecoder().decode(value);
    equal(decode(await reader.read()), "first");
    equal(decode(await reader.read()), "second");
    equal((await reader.read()).done, true);
  },
});

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === "/slow" ? slow() : all.fetch(request, env, ctx);
  },
};
