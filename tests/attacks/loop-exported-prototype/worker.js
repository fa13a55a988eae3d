// The platform asks for the prototype of what is exported, which never comes.

const trap = new Proxy({}, {
  getPrototypeOf() {
    for (;;);
  },
});

export class Entry {}
Object.setPrototypeOf(Entry.prototype, trap);
export default { fetch: () => new Response("served") };
