const before = new Set(Reflect.ownKeys(globalThis));

export default {
  async fetch(request) {
    await request.text();
    await scheduler.wait(1);
    await crypto.subtle.digest("SHA-1", new Uint8Array(1));
    const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key));
    return new Response(JSON.stringify(added.map(String)));
  },
};
