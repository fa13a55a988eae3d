export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/wait":
        await scheduler.wait(10);
        return new Response("waited");
      case "/left":
        setTimeout(() => {}, 10);
        setInterval(() => {}, 10);
        return new Response("not waited for");
      case "/cleared":
        clearTimeout(setTimeout(() => {}, 10));
        return new Response("cleared");
    }
    return new Response("next");
  },
};
