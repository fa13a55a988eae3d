export default {
  fetch(request, env, ctx) {
    const { readable, writable } = new TransformStream();
    ctx.waitUntil(write(writable.getWriter()));
    return new Response(readable);
  },
};

async function write(writer) {
  for (const word of ["one ", "two ", "three "]) {
    await writer.write(new TextEncoder().encode(word));
    await scheduler.wait(5);
  }
  await writer.close();
}
