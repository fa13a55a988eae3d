export default {
  fetch(request) {
    const gzip = { "content-encoding": "gzip" };
    switch (new URL(request.url).pathname) {
      case "/automatic": return new Response("text", { headers: gzip });
      case "/manual": return new Response("as the worker says", { headers: gzip, encodeBody: "manual" });
      case "/other": return new Response("text", { headers: { "content-encoding": "x-own" } });
    }
    try {
      return new Response("text", { headers: gzip, encodeBody: "sometimes" });
    } catch (error) {
      return new Response(error.name, { headers: {} });
    }
  },
};
