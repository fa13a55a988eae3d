import { checks, equal, throws } from "../../check.js";

export default checks({
  "the stream's error comes through": async () => {
    const broken = new Error("broken pipe");
    const error = await throws(() => new Response(new ReadableStream({ pull(c) { c.error(broken); } })).text());
    equal(error === broken, true);
  },
  "chunks that are not bytes reject with TypeError": async () => {
    for (const chunk of ["text", 5, {}, null]) {
      const stream = new ReadableStream({ start(c) { c.enqueue(chunk); c.close(); } });
      await throws(() => new Response(stream).text(), "TypeError");
    }
  },
  "a locked or used stream cannot become a body": async () => {
    const locked = new ReadableStream();
    locked.getReader();
    await throws(() => new Response(locked), "TypeError");
    const used = new Blob(["x"]).stream();
    await new Response(used).text();
    await throws(() => new Response(used), "TypeError");
  },
});
