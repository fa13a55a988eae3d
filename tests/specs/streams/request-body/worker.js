export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/reader": {
        const decoder = new TextDecoder();
        let text = "";
        for await (const chunk of request.body) text += decoder.decode(chunk, { stream: true });
        return new Response(text);
      }
      case "/transform": {
        const upper = new TransformStream({ transform: (text, controller) => controller.enqueue(text.toUpperCase()) });
        const body = request.body.pipeThrough(new TextDecoderStream()).pipeThrough(upper).pipeThrough(new TextEncoderStream());
        return new Response(body);
      }
      default:
        if (request.body === null) return new Response("no body");
        await request.text();
        return request.text().then(() => new Response("read twice"), (error) => new Response(error.name));
    }
  },
};
