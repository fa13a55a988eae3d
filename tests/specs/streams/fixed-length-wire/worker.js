export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    const text = pathname === "/empty" ? "" : "eleven byte";
    const { readable, writable } = pathname === "/open" ? new IdentityTransformStream() : new FixedLengthStream(text.length);
    const writer = writable.getWriter();
    if (text !== "") {
      writer.write(new TextEncoder().encode(text.slice(0, 6)));
      writer.write(new TextEncoder().encode(text.slice(6)));
    }
    writer.close();
    return new Response(readable);
  },
};
