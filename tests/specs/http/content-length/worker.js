const stream = (text, between) => {
  const writer = between.writable.getWriter();
  writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  return between.readable;
};

export default {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/text": return new Response("éx");
      case "/empty": return new Response(null);
      case "/fixed": return new Response(stream("fixed", new FixedLengthStream(5)));
      case "/stream": return new Response(stream("stream", new TransformStream()));
      default: return new Response("text", { headers: { "content-length": "99" } });
    }
  },
};
